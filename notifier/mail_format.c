#include "notifier/mail_format.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "shared/base/clock.h"
#include "shared/base/str.h"

#define TEXT_MAX_BYTES 200

/* A mark between each three digits, from the right. */
static void
put_groups(struct buf *out, const struct mail_manner *manner, int64_t number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, number);
	int sign = number < 0;

	for (int i = 0; i < len; i++) {
		if (i > sign && (len - i) % 3 == 0)
			buf_puts(out, manner->group);
		buf_putc(out, digits[i]);
	}
}

static const char *
copy(struct arena *arena, const struct buf *text)
{
	return buf_finish(text) == ERR_OK ? arena_memdup(arena, text->data, text->len) : NULL;
}

const char *
mail_format_number(struct arena *arena, const struct mail_manner *manner, int64_t number)
{
	auto_buf struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	put_groups(&text, manner, number);
	return copy(arena, &text);
}

const char *
mail_format_money(struct arena *arena, const struct mail_manner *manner, const struct money *money)
{
	unsigned digits = money_currency_digits(money->currency);
	auto_buf struct buf text;
	int64_t scale = 1;

	for (unsigned i = 0; i < digits; i++)
		scale *= 10;
	buf_init(&text, TEXT_MAX_BYTES);
	put_groups(&text, manner, money->amount_minor / scale);
	if (digits > 0)
		buf_printf(
		    &text, "%s%0*" PRId64, manner->point, (int)digits, money->amount_minor % scale);
	buf_printf(&text, " %s", money->currency);
	return copy(arena, &text);
}

/* The part of TIME, in RFC 3339, that is called NAME. */
static void
put_part(struct buf *out, const struct mail_manner *manner, const char *time, struct span name)
{
	int month = (time[5] - '0') * 10 + time[6] - '0';

	if (strncmp(name.data, "day", name.len) == 0)
		buf_put(out, time + 8 + (time[8] == '0'), time[8] == '0' ? 1 : 2);
	else if (strncmp(name.data, "month", name.len) == 0)
		buf_puts(out, manner->months[month - 1]);
	else if (strncmp(name.data, "year", name.len) == 0)
		buf_put(out, time, 4);
	else
		buf_put(out, time + 11, 5);
}

const char *
mail_format_time(struct arena *arena, const struct mail_manner *manner, int64_t unix_ms)
{
	char time[TIME_TEXT_SIZE]; /* "2026-01-02T03:04:05.678Z" */
	const char *at = manner->time;
	auto_buf struct buf text;

	time_format(unix_ms, time);
	buf_init(&text, TEXT_MAX_BYTES);
	while (*at != '\0') {
		size_t plain = strcspn(at, "{");
		size_t name;

		buf_put(&text, at, plain);
		at += plain;
		if (*at == '\0')
			break;
		name = strcspn(++at, "}"); /* the compiler saw to it that there is one */
		put_part(&text, manner, time, span_of(at, name));
		at += name + 1;
	}
	return copy(arena, &text);
}
