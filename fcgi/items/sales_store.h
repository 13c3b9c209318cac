/*
 * items/sales_store: a seller's sales, summed up by the store.
 *
 * Layer: domain, store.
 */
#ifndef FCGI_ITEMS_SALES_STORE_H
#define FCGI_ITEMS_SALES_STORE_H

#include "fcgi/items/order_store.h"
#include "fcgi/items/sales_stats.h"

struct sales_filter {
	struct id seller_id;
	int64_t from_ms; /* orders made from then on … */
	int64_t to_ms;   /* … and before then */
};

/* Adds the lines that are neither cancelled nor refunded to OUT and sorts it. */
MUST_USE enum err sales_store_sum(struct order_store *store, const struct deadline *deadline,
    const struct sales_filter *filter, struct sales *out);

/* The pipeline, as sent: for a test that holds it against the index. */
bson_t *sales_pipeline_new(const struct sales_filter *filter);

#endif
