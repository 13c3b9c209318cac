#include "shared/base/id.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>

#include "shared/base/check.h"
#include "shared/base/str.h"

#define UUID_BYTES   16
#define COUNTER_BITS 12 /* rand_a */
#define TIME_MASK    ((UINT64_C(1) << 48) - 1)

/*
 * The last time and counter given out, as one number: the time's 48 bits, then the counter's 12.
 * The next id takes this plus one, or the clock when that is further: so ids rise strictly over all
 * threads, through a clock set back and through more than 4096 in a millisecond.  No lock, and the
 * only state this module has beside the threads' random bytes.
 */
static _Atomic uint64_t last_stamp;

/* Bytes from the kernel that no id has used yet: one system call for 32 ids. */
struct pool {
	unsigned char bytes[256];
	size_t left;
};

static _Thread_local struct pool pool;

void
random_bytes(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0) {
			check(errno == EINTR);
			continue;
		}
		at += got;
		len -= (size_t)got;
	}
}

static uint64_t
next_stamp(int64_t now_ms)
{
	uint64_t clock = now_ms > 0 ? ((uint64_t)now_ms & TIME_MASK) << COUNTER_BITS : 0;
	uint64_t last = atomic_load_explicit(&last_stamp, memory_order_relaxed);
	uint64_t next;

	do {
		next = clock > last ? clock : last + 1;
	} while (!atomic_compare_exchange_weak_explicit(
	    &last_stamp, &last, next, memory_order_relaxed, memory_order_relaxed));
	return next;
}

static void
take_random(unsigned char out[8])
{
	if (pool.left < 8) {
		random_bytes(pool.bytes, sizeof(pool.bytes));
		pool.left = sizeof(pool.bytes);
	}
	pool.left -= 8;
	memcpy(out, pool.bytes + pool.left, 8);
}

static void
write_text(const unsigned char bytes[UUID_BYTES], struct id *out)
{
	char hex[2 * UUID_BYTES + 1];

	hex_encode(bytes, UUID_BYTES, hex);
	memcpy(out->text, hex, 8);
	memcpy(out->text + 9, hex + 8, 4);
	memcpy(out->text + 14, hex + 12, 4);
	memcpy(out->text + 19, hex + 16, 4);
	memcpy(out->text + 24, hex + 20, 12);
	out->text[8] = out->text[13] = out->text[18] = out->text[23] = '-';
	out->text[ID_LEN] = '\0';
}

void
id_new(int64_t now_ms, struct id *out)
{
	uint64_t stamp = next_stamp(now_ms);
	uint64_t time = stamp >> COUNTER_BITS;
	unsigned char bytes[UUID_BYTES];

	for (unsigned i = 0; i < 6; i++)
		bytes[i] = (unsigned char)(time >> (40 - 8 * i) & 0xFF);
	bytes[6] = (unsigned char)(0x70 | (stamp >> 8 & 0x0F));
	bytes[7] = (unsigned char)(stamp & 0xFF);
	take_random(bytes + 8);
	bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3F));
	write_text(bytes, out);
}

enum err
id_parse(const char *text, struct id *out)
{
	struct id id;

	for (size_t i = 0; i < ID_LEN; i++) {
		char c = text[i];

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (c != '-')
				return ERR_MALFORMED;
		} else if (c >= 'A' && c <= 'F') {
			c = (char)(c - 'A' + 'a');
		} else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
			return ERR_MALFORMED; /* the NUL of a shorter text, too */
		}
		id.text[i] = c;
	}
	if (text[ID_LEN] != '\0')
		return ERR_MALFORMED;
	id.text[ID_LEN] = '\0';
	*out = id;
	return ERR_OK;
}

bool
id_equal(const struct id *a, const struct id *b)
{
	return strcmp(a->text, b->text) == 0;
}
