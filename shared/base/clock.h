/*
 * base/clock: time, injectable; and the one deadline of a request.
 *
 * Layer: base.  A struct clock is const after start and safe on any thread.  Wall-clock times are
 * Unix milliseconds (int64_t, _ms); deadlines count on the monotonic clock.
 */
#ifndef SHARED_BASE_CLOCK_H
#define SHARED_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/err.h"

struct clock {
	int64_t (*realtime_ms)(void *context);
	int64_t (*monotonic_ms)(void *context);
	void *context;
};

extern const struct clock clock_system;

int64_t clock_now_ms(const struct clock *clock);
int64_t clock_monotonic_ms(const struct clock *clock);

struct deadline {
	const struct clock *clock;
	int64_t at_monotonic_ms;
};

struct deadline deadline_in(const struct clock *clock, int64_t ms);
/* Milliseconds left, 0 once it has passed. */
int64_t deadline_left_ms(const struct deadline *deadline);

#define TIME_TEXT_SIZE 25 /* "2026-01-02T03:04:05.678Z" and NUL */

/* RFC 3339 in UTC with milliseconds; years 0001–9999 (outside: clamped). */
void time_format(int64_t unix_ms, char out[TIME_TEXT_SIZE]);
/*
 * RFC 3339 date-time (any offset, any fraction, cut to milliseconds) or full-date (00:00:00Z of
 * it).  A leap second (23:59:60 in UTC) counts as 23:59:59.999.  ERR_MALFORMED, outside 0001–9999
 * too.
 */
MUST_USE enum err time_parse(const char *text, int64_t *unix_ms);
/* RFC 9110 IMF-fixdate ("Sun, 06 Nov 1994 08:49:37 GMT"); OUT of at least 30. */
void time_format_http(int64_t unix_ms, char out[30]);

#endif
