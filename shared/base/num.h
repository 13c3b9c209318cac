/*
 * base/num: checked numbers.  Pure functions, safe on any thread.
 */
#ifndef SHARED_BASE_NUM_H
#define SHARED_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

/*
 * The whole of TEXT as a decimal integer: optional '-', digits, no space, no '+', no leading zeros
 * beyond "0".  ERR_MALFORMED when it is none; ERR_VALIDATION when outside min…max.
 */
MUST_USE enum err num_parse_i64(const char *text, int64_t min, int64_t max, int64_t *out);
/* True and *out written when the exact result fits. */
MUST_USE bool num_add_i64(int64_t a, int64_t b, int64_t *out);
MUST_USE bool num_mul_i64(int64_t a, int64_t b, int64_t *out);
MUST_USE bool num_add_size(size_t a, size_t b, size_t *out);
MUST_USE bool num_mul_size(size_t a, size_t b, size_t *out);

#endif
