#include "shared/base/num.h"

enum err
num_parse_i64(const char *text, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *text == '-';
	const char *at = text + negative;
	bool fits = true;
	int64_t value = 0;

	if (*at == '\0' || (at[0] == '0' && at[1] != '\0'))
		return ERR_MALFORMED;
	/* To the end even when it is out of range by now: what is no number is malformed. */
	for (; *at != '\0'; at++) {
		if (*at < '0' || *at > '9')
			return ERR_MALFORMED;
		/* Counted downwards, as INT64_MIN has no positive fellow. */
		fits =
		    fits && num_mul_i64(value, 10, &value) && num_add_i64(value, '0' - *at, &value);
	}
	if (!negative && fits)
		fits = num_mul_i64(value, -1, &value);
	if (!fits || value < min || value > max)
		return ERR_VALIDATION;
	*out = value;
	return ERR_OK;
}

/* The builtins store the wrapped result on overflow; ours leave *out alone. */

bool
num_add_i64(int64_t a, int64_t b, int64_t *out)
{
	int64_t result;

	if (__builtin_add_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}

bool
num_mul_i64(int64_t a, int64_t b, int64_t *out)
{
	int64_t result;

	if (__builtin_mul_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}

bool
num_add_size(size_t a, size_t b, size_t *out)
{
	size_t result;

	if (__builtin_add_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}

bool
num_mul_size(size_t a, size_t b, size_t *out)
{
	size_t result;

	if (__builtin_mul_overflow(a, b, &result))
		return false;
	*out = result;
	return true;
}
