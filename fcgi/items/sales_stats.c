#include "fcgi/items/sales_stats.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/base/num.h"
#include "shared/base/str.h"

#define DAY_MS     ((int64_t)24 * 3600 * 1000)
#define ROOM_FIRST 64

const char *const sales_interval_texts[] = {
    [SALES_BY_DAY] = "day",
    [SALES_BY_WEEK] = "week",
    [SALES_BY_MONTH] = "month",
    NULL,
};

/* NUMBER / BY, rounded down. */
static int64_t
divide_down(int64_t number, int64_t by)
{
	return number / by - (number % by < 0 ? 1 : 0);
}

static int64_t
month_start_ms(int64_t at_ms)
{
	const time_t at_s = (time_t)divide_down(at_ms, 1000);
	struct tm month;

	(void)gmtime_r(&at_s, &month);
	month.tm_mday = 1;
	month.tm_hour = month.tm_min = month.tm_sec = 0;
	return (int64_t)timegm(&month) * 1000;
}

int64_t
sales_interval_start_ms(enum sales_interval interval, int64_t at_ms)
{
	const int64_t day = divide_down(at_ms, DAY_MS);

	switch (interval) {
	case SALES_BY_WEEK: /* day 0, the first of January 1970, was a Thursday */
		return (divide_down(day + 3, 7) * 7 - 3) * DAY_MS;
	case SALES_BY_MONTH:
		return month_start_ms(at_ms);
	default:
		return day * DAY_MS;
	}
}

/* The row of that interval and currency: among the last, as days come in order.  NULL: none. */
static struct sales_row *
find_row(const struct sales *sales, int64_t from_ms, const char *currency)
{
	for (size_t i = sales->count; i > 0 && sales->rows[i - 1].from_ms == from_ms; i--)
		if (str_equal(sales->rows[i - 1].currency, currency))
			return &sales->rows[i - 1];
	return NULL;
}

static enum err
grow(struct sales *sales)
{
	const size_t room = sales->room > 0 ? sales->room * 2 : ROOM_FIRST;
	struct sales_row *rows = arena_array(sales->arena, room, sizeof(*rows));

	TRY_ALLOC(rows);
	if (sales->count > 0)
		memcpy(rows, sales->rows, sales->count * sizeof(*rows));
	sales->rows = rows;
	sales->room = room;
	return ERR_OK;
}

enum err
sales_add(struct sales *sales, const struct sales_row *day)
{
	const int64_t from_ms = sales_interval_start_ms(sales->interval, day->from_ms);
	struct sales_row *row = find_row(sales, from_ms, day->currency);

	if (row == NULL) {
		if (sales->count == sales->room)
			TRY(grow(sales));
		row = &sales->rows[sales->count++];
		*row = *day;
		row->from_ms = from_ms;
		return ERR_OK;
	}
	if (!num_add_i64(row->revenue_minor, day->revenue_minor, &row->revenue_minor) ||
	    !num_add_i64(row->units, day->units, &row->units) ||
	    !num_add_i64(row->orders, day->orders, &row->orders))
		return ERR_CORRUPT;
	return ERR_OK;
}

static int
compare(const void *one, const void *other)
{
	const struct sales_row *a = one;
	const struct sales_row *b = other;

	if (a->from_ms != b->from_ms)
		return a->from_ms < b->from_ms ? -1 : 1;
	return strcmp(a->currency, b->currency);
}

void
sales_sort(struct sales *sales)
{
	if (sales->count > 1)
		qsort(sales->rows, sales->count, sizeof(*sales->rows), compare);
}
