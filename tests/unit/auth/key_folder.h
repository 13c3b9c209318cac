/*
 * tests/unit/auth/key_folder: a temporary folder of key files, whose times the test decides.
 */
#ifndef TESTS_UNIT_AUTH_KEY_FOLDER_H
#define TESTS_UNIT_AUTH_KEY_FOLDER_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "shared/base/check.h"
#include "shared/base/str.h"
#include "shared/edge/jwt_key.h"

struct key_folder {
	char path[64];
};

static inline void
key_folder_new(struct key_folder *folder)
{
	(void)snprintf(folder->path, sizeof(folder->path), "/tmp/test-keys.XXXXXX");
	check(mkdtemp(folder->path) != NULL);
}

static inline const char *
key_folder_file(const struct key_folder *folder, const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder->path, name);
	return path;
}

static inline void
key_folder_write(const struct key_folder *folder, const char *name, struct span bytes, int64_t at_s)
{
	const struct timespec times[2] = {{.tv_sec = at_s}, {.tv_sec = at_s}};
	const char *path = key_folder_file(folder, name);
	FILE *file = fopen(path, "w");

	check(file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len);
	check(fclose(file) == 0 && utimensat(AT_FDCWD, path, times, 0) == 0);
}

/* A fresh P-256 key, made at AT_S (Unix time).  Writes its kid. */
static inline void
key_folder_add(
    const struct key_folder *folder, const char *name, int64_t at_s, char key_id[JWT_KEY_ID_SIZE])
{
	EVP_PKEY *pair = EVP_EC_gen("P-256");
	BIO *memory = BIO_new(BIO_s_mem());
	struct jwt_key *key = NULL;
	struct span pem;
	char *data;

	check(pair != NULL && memory != NULL &&
	    PEM_write_bio_PrivateKey(memory, pair, NULL, NULL, 0, NULL, NULL) == 1);
	pem.len = (size_t)BIO_get_mem_data(memory, &data);
	pem.data = data;
	key_folder_write(folder, name, pem, at_s);
	check(jwt_key_from_pem(pem, &key) == ERR_OK);
	(void)snprintf(key_id, JWT_KEY_ID_SIZE, "%s", jwt_key_id(key));
	jwt_key_free(&key);
	(void)BIO_free(memory);
	EVP_PKEY_free(pair);
}

static inline void
key_folder_drop(const struct key_folder *folder, const char *name)
{
	check(unlink(key_folder_file(folder, name)) == 0);
}

static inline void
key_folder_remove(const struct key_folder *folder)
{
	char command[96];
	FILE *done;

	(void)snprintf(command, sizeof(command), "rm -rf %s", folder->path);
	done = popen(command, "r");
	check(done != NULL && pclose(done) == 0);
}

#endif
