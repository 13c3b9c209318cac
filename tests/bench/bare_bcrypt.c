/*
 * bench/bare_bcrypt: password hashes a second when nothing else is done: what logins can't exceed.
 *
 *   bare_bcrypt COST THREADS SECONDS
 */
#include <crypt.h>
#include <stdlib.h>

#include "tests/bench/measure.h"

static char setting[CRYPT_GENSALT_OUTPUT_SIZE];

static void *
begin(unsigned thread)
{
	(void)thread;
	return calloc(1, sizeof(struct crypt_data));
}

static bool
hash_one(void *own, uint64_t at)
{
	/* As long as the base64 of an HMAC-SHA-384, which is what auth hashes. */
	static const char password[] =
	    "0123456789012345678901234567890123456789012345678901234567890123";
	const char *hash = crypt_r(password, setting, own);

	(void)at;
	return hash != NULL && hash[0] == '$';
}

int
main(int argc, char **argv)
{
	struct measure measure = {.begin = begin, .end = free, .work = hash_one};
	unsigned threads;

	if (argc != 4) {
		fprintf(stderr, "usage: bare_bcrypt COST THREADS SECONDS\n");
		return 64;
	}
	threads = (unsigned)strtoul(argv[2], NULL, 10);
	measure.seconds = strtod(argv[3], NULL);
	if (crypt_gensalt_rn(
		"$2b$", strtoul(argv[1], NULL, 10), NULL, 0, setting, sizeof setting) == NULL)
		return EXIT_FAILURE;
	return measure_run(&measure, threads);
}
