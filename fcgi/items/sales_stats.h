/*
 * items/sales_stats: what a seller sold, by interval and currency.
 *
 * Layer: domain, pure.  Intervals are UTC's; weeks are ISO 8601's and begin on Monday.
 */
#ifndef FCGI_ITEMS_SALES_STATS_H
#define FCGI_ITEMS_SALES_STATS_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"

enum sales_interval { SALES_BY_DAY, SALES_BY_WEEK, SALES_BY_MONTH };

/* Their texts in the order of the enum, NULL-terminated: for choices. */
extern const char *const sales_interval_texts[];

/* When the interval began that AT_MS lies in. */
int64_t sales_interval_start_ms(enum sales_interval interval, int64_t at_ms);

struct sales_row {
	int64_t from_ms; /* the interval's start */
	char currency[4];
	int64_t revenue_minor; /* a sum of orders: it may be over MONEY_AMOUNT_MAX */
	int64_t units;
	int64_t orders;
};

struct sales {
	struct arena *arena;
	enum sales_interval interval;
	struct sales_row *rows; /* by time, and then by currency, once sales_sort was called */
	size_t count, room;
};

/* Adds DAY, whose time is anywhere in its interval; days must come in their order.  ERR_CORRUPT: a
 * sum is over 64 bits. */
MUST_USE enum err sales_add(struct sales *sales, const struct sales_row *day);
void sales_sort(struct sales *sales);

#endif
