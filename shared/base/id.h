/*
 * base/id: UUIDv7 (RFC 9562 §5.7), lower case, as text.
 *
 * Layer: base.  Time-ordered, so that ids made later sort later (to the millisecond; within one
 * process strictly, by a counter in rand_a, RFC 9562 §6.2 method 1).  Through a clock set back, and
 * past 4096 ids in a millisecond, the last time goes on: an id's time may be ahead of NOW_MS.
 */
#ifndef SHARED_BASE_ID_H
#define SHARED_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

#define ID_LEN 36

struct id {
	char text[ID_LEN + 1];
};

/* A fresh id for NOW_MS (Unix time).  Randomness is the kernel's; safe on any thread. */
void id_new(int64_t now_ms, struct id *out);
/* Any UUID in its canonical form; upper case is taken and lowered.  ERR_MALFORMED. */
MUST_USE enum err id_parse(const char *text, struct id *out);
bool id_equal(const struct id *a, const struct id *b);
/* LEN random bytes from the kernel (getrandom), which can't fail after boot. */
void random_bytes(void *out, size_t len);

#endif
