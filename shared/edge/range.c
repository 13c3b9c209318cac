#include "shared/edge/range.h"

#include <string.h>
#include <strings.h>

#define UNIT "bytes="

/* Digits, at least one; what is too large to matter is INT64_MAX.  False: there are none. */
static bool
take_number(const char **at, int64_t *out)
{
	int64_t number = 0;

	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++)
		number = number > INT64_MAX / 10 - 1 ? INT64_MAX / 10 : number * 10 + (**at - '0');
	*out = number;
	return true;
}

static void
skip_space(const char **at)
{
	*at += strspn(*at, " \t");
}

/* "-N": the last N bytes. */
static enum range_kind
parse_suffix(const char *at, int64_t length, struct byte_range *out)
{
	int64_t count;

	if (!take_number(&at, &count))
		return RANGE_WHOLE;
	skip_space(&at);
	if (*at != '\0')
		return RANGE_WHOLE;
	if (count == 0)
		return RANGE_NOT_SATISFIABLE;
	*out = (struct byte_range){count < length ? length - count : 0, length - 1};
	return RANGE_PART;
}

enum range_kind
range_parse(const char *value, int64_t length, struct byte_range *out)
{
	const char *at = value;
	struct byte_range range;

	if (strncasecmp(at, UNIT, strlen(UNIT)) != 0)
		return RANGE_WHOLE;
	at += strlen(UNIT);
	skip_space(&at);
	if (*at == '-')
		return parse_suffix(at + 1, length, out);
	if (!take_number(&at, &range.first) || *at++ != '-')
		return RANGE_WHOLE;
	range.last = length - 1;
	if (*at >= '0' && *at <= '9')
		(void)take_number(&at, &range.last);
	skip_space(&at);
	if (*at != '\0' || range.last < range.first) {
		/* Not a range, or several, but for one that begins behind the end. */
		return *at == '\0' && range.first >= length && range.last == length - 1
		    ? RANGE_NOT_SATISFIABLE
		    : RANGE_WHOLE;
	}
	if (range.first >= length)
		return RANGE_NOT_SATISFIABLE;
	if (range.last >= length)
		range.last = length - 1;
	*out = range;
	return RANGE_PART;
}

enum range_kind
range_of_request(const struct request *rq, const char *etag, int64_t length, struct byte_range *out)
{
	const char *value = request_header(rq, "Range");
	const char *condition = request_header(rq, "If-Range");

	/* §14.2: for GET alone. */
	if (value == NULL || rq->method != METHOD_GET)
		return RANGE_WHOLE;
	/* §13.1.5: a date or another tag means another representation. */
	if (condition != NULL && !str_equal(condition, etag))
		return RANGE_WHOLE;
	return range_parse(value, length, out);
}
