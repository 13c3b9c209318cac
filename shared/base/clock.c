#include "shared/base/clock.h"

#include <string.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/num.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR   (60 * MS_PER_MINUTE)
#define MS_PER_DAY    (24 * MS_PER_HOUR)
#define TIME_MIN_MS   INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define TIME_MAX_MS   INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct civil {
	int year, month, day;
	int hour, minute, second, ms;
	int weekday; /* 0: Sunday */
};

static int64_t
read_clock(clockid_t which)
{
	struct timespec now;

	check(clock_gettime(which, &now) == 0);
	return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
}

static int64_t
system_realtime_ms(void *context)
{
	(void)context;
	return read_clock(CLOCK_REALTIME);
}

static int64_t
system_monotonic_ms(void *context)
{
	(void)context;
	return read_clock(CLOCK_MONOTONIC);
}

const struct clock clock_system = {
    .realtime_ms = system_realtime_ms,
    .monotonic_ms = system_monotonic_ms,
};

int64_t
clock_now_ms(const struct clock *clock)
{
	return clock->realtime_ms(clock->context);
}

int64_t
clock_monotonic_ms(const struct clock *clock)
{
	return clock->monotonic_ms(clock->context);
}

struct deadline
deadline_in(const struct clock *clock, int64_t ms)
{
	struct deadline deadline = {.clock = clock, .at_monotonic_ms = INT64_MAX};

	/* Too far to count is as good as never. */
	if (!num_add_i64(clock_monotonic_ms(clock), ms, &deadline.at_monotonic_ms) && ms < 0)
		deadline.at_monotonic_ms = INT64_MIN;
	return deadline;
}

int64_t
deadline_left_ms(const struct deadline *deadline)
{
	int64_t now_ms = clock_monotonic_ms(deadline->clock);

	return deadline->at_monotonic_ms > now_ms ? deadline->at_monotonic_ms - now_ms : 0;
}

static bool
is_leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

/*
 * Days since 1970-01-01 of the proleptic Gregorian calendar.  The year is counted from March, so
 * that the leap day comes last and (153 * month + 2) / 5 gives the days before each month; 719468
 * is the day 1970-01-01, counted from 0000-03-01.
 */
static int64_t
days_from_civil(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int m = month > 2 ? month - 3 : month + 9;

	return 365 * (int64_t)y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* The reverse, for days of the years 0001 to 9999. */
static void
civil_from_days(int64_t days, struct civil *out)
{
	int64_t d = days + 719468;
	int era = (int)(d / 146097); /* of 400 years */
	int day_of_era = (int)(d % 146097);
	int year_of_era =
	    (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (5 * day_of_year + 2) / 153;

	out->day = day_of_year - (153 * m + 2) / 5 + 1;
	out->month = m < 10 ? m + 3 : m - 9;
	out->year = era * 400 + year_of_era + (out->month <= 2);
	out->weekday = (int)((d + 3) % 7); /* 0000-03-01 was a Wednesday */
}

static void
civil_from_ms(int64_t unix_ms, struct civil *out)
{
	int64_t since_first;
	int ms_of_day;

	if (unix_ms < TIME_MIN_MS)
		unix_ms = TIME_MIN_MS;
	if (unix_ms > TIME_MAX_MS)
		unix_ms = TIME_MAX_MS;
	since_first = unix_ms - TIME_MIN_MS; /* not negative, so that / and % round downwards */
	ms_of_day = (int)(since_first % MS_PER_DAY);
	civil_from_days(since_first / MS_PER_DAY + TIME_MIN_MS / MS_PER_DAY, out);
	out->hour = ms_of_day / (int)MS_PER_HOUR;
	out->minute = ms_of_day / (int)MS_PER_MINUTE % 60;
	out->second = ms_of_day / (int)MS_PER_SECOND % 60;
	out->ms = ms_of_day % (int)MS_PER_SECOND;
}

static char *
put_digits(char *at, int value, int count)
{
	for (int i = count - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + count;
}

void
time_format(int64_t unix_ms, char out[TIME_TEXT_SIZE])
{
	struct civil civil;

	civil_from_ms(unix_ms, &civil);
	memcpy(out, "0000-00-00T00:00:00.000Z", TIME_TEXT_SIZE);
	(void)put_digits(out, civil.year, 4);
	(void)put_digits(out + 5, civil.month, 2);
	(void)put_digits(out + 8, civil.day, 2);
	(void)put_digits(out + 11, civil.hour, 2);
	(void)put_digits(out + 14, civil.minute, 2);
	(void)put_digits(out + 17, civil.second, 2);
	(void)put_digits(out + 20, civil.ms, 3);
}

void
time_format_http(int64_t unix_ms, char out[30])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil civil;

	civil_from_ms(unix_ms, &civil);
	memcpy(out, "Day, 00 Mon 0000 00:00:00 GMT", 30);
	memcpy(out, days + 3 * civil.weekday, 3);
	(void)put_digits(out + 5, civil.day, 2);
	memcpy(out + 8, months + 3 * (civil.month - 1), 3);
	(void)put_digits(out + 12, civil.year, 4);
	(void)put_digits(out + 17, civil.hour, 2);
	(void)put_digits(out + 20, civil.minute, 2);
	(void)put_digits(out + 23, civil.second, 2);
}

/* COUNT digits at *AT, a number from min to max; moves *AT behind them. */
static bool
read_digits(const char **at, int count, int min, int max, int *out)
{
	int value = 0;

	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		value = value * 10 + (**at - '0');
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

static bool
read_char(const char **at, const char *one_of)
{
	if (**at == '\0' || strchr(one_of, **at) == NULL)
		return false;
	(*at)++;
	return true;
}

static bool
read_date(const char **at, struct civil *out)
{
	return read_digits(at, 4, 1, 9999, &out->year) && read_char(at, "-") &&
	    read_digits(at, 2, 1, 12, &out->month) && read_char(at, "-") &&
	    read_digits(at, 2, 1, days_in_month(out->year, out->month), &out->day);
}

/* What is finer than a millisecond is cut off. */
static bool
read_fraction(const char **at, int *ms)
{
	int weight = 100;

	*ms = 0;
	if (**at < '0' || **at > '9')
		return false;
	for (; **at >= '0' && **at <= '9'; (*at)++, weight /= 10)
		*ms += (**at - '0') * weight;
	return true;
}

static bool
read_offset(const char **at, int64_t *ms)
{
	int sign = **at == '-' ? -1 : 1;
	int hour;
	int minute;

	*ms = 0;
	if (read_char(at, "Zz"))
		return true;
	if (!read_char(at, "+-") || !read_digits(at, 2, 0, 23, &hour) || !read_char(at, ":") ||
	    !read_digits(at, 2, 0, 59, &minute))
		return false;
	*ms = sign * (hour * MS_PER_HOUR + minute * MS_PER_MINUTE);
	return true;
}

static bool
read_time(const char **at, struct civil *out, int64_t *offset_ms)
{
	if (!read_digits(at, 2, 0, 23, &out->hour) || !read_char(at, ":") ||
	    !read_digits(at, 2, 0, 59, &out->minute) || !read_char(at, ":") ||
	    !read_digits(at, 2, 0, 60, &out->second))
		return false;
	if (read_char(at, ".") && !read_fraction(at, &out->ms))
		return false;
	return read_offset(at, offset_ms);
}

enum err
time_parse(const char *text, int64_t *unix_ms)
{
	struct civil civil = {0};
	int64_t offset_ms = 0;
	bool leap_second;
	int64_t ms;

	if (!read_date(&text, &civil))
		return ERR_MALFORMED;
	if (*text != '\0' && (!read_char(&text, "Tt") || !read_time(&text, &civil, &offset_ms)))
		return ERR_MALFORMED;
	if (*text != '\0')
		return ERR_MALFORMED;
	/* Unix time has no leap second: it falls on the last millisecond before it. */
	leap_second = civil.second == 60;
	if (leap_second) {
		civil.second = 59;
		civil.ms = 999;
	}
	ms = days_from_civil(civil.year, civil.month, civil.day) * MS_PER_DAY +
	    civil.hour * MS_PER_HOUR + civil.minute * MS_PER_MINUTE + civil.second * MS_PER_SECOND +
	    civil.ms - offset_ms;
	if (ms < TIME_MIN_MS || ms > TIME_MAX_MS)
		return ERR_MALFORMED;
	if (leap_second && (ms + 1) % MS_PER_DAY != 0)
		return ERR_MALFORMED; /* there is none but before midnight in UTC */
	*unix_ms = ms;
	return ERR_OK;
}
