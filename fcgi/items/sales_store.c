#include "fcgi/items/sales_store.h"

#include <string.h>

#include "fcgi/items/order_document.h"
#include "shared/infra/mongo_read.h"

/*
 * The orders come by the index of_seller.  Lines are summed up by order and orders by day; weeks
 * and months are made of days here.  Sums of 64-bit integers stay such.  "Beyond the one before"
 * says "from", as SecantusDB's $gte leaves out what is equal where the index goes down.
 */
bson_t *
sales_pipeline_new(const struct sales_filter *filter)
{
	char sale[ORDER_SALE_SIZE];

	order_sale_key(&filter->seller_id, NULL, sale);
	return BCON_NEW("0", "{", "$match", "{", "sales", BCON_UTF8(sale), "created_at", "{", "$gt",
	    BCON_DATE_TIME(filter->from_ms - 1), "$lt", BCON_DATE_TIME(filter->to_ms), "}", "}",
	    "}", "1", "{", "$unwind", BCON_UTF8("$lines"), "}", "2", "{", "$match", "{",
	    "lines.seller_id", BCON_UTF8(filter->seller_id.text), "lines.status", "{", "$in", "[",
	    BCON_UTF8(order_status_texts[ORDER_CONFIRMED]),
	    BCON_UTF8(order_status_texts[ORDER_SHIPPED]),
	    BCON_UTF8(order_status_texts[ORDER_DELIVERED]), "]", "}", "}", "}", "3", "{", "$group",
	    "{", "_id", "{", "order", BCON_UTF8("$_id"), "day", "{", "$dateToString", "{", "date",
	    BCON_UTF8("$created_at"), "format", BCON_UTF8("%Y-%m-%d"), "}", "}", "currency",
	    BCON_UTF8("$lines.total.currency"), "}", "revenue", "{", "$sum",
	    BCON_UTF8("$lines.total.amount"), "}", "units", "{", "$sum",
	    BCON_UTF8("$lines.quantity"), "}", "}", "}", "4", "{", "$group", "{", "_id", "{", "day",
	    BCON_UTF8("$_id.day"), "currency", BCON_UTF8("$_id.currency"), "}", "revenue", "{",
	    "$sum", BCON_UTF8("$revenue"), "}", "units", "{", "$sum", BCON_UTF8("$units"), "}",
	    "orders", "{", "$sum", BCON_INT64(1), "}", "}", "}", "5", "{", "$sort", "{", "_id.day",
	    BCON_INT32(1), "_id.currency", BCON_INT32(1), "}", "}");
}

static enum err
read_day(void *context, const bson_t *document, bool *stop)
{
	struct sales *sales = context;
	struct sales_row row;
	const char *currency;
	const char *day;
	bson_t key;

	*stop = false;
	TRY(mongo_get_document(document, "_id", &key));
	TRY(mongo_get_text(&key, "day", &day));
	TRY(mongo_get_text(&key, "currency", &currency));
	TRY(mongo_get_int(document, "revenue", &row.revenue_minor));
	TRY(mongo_get_int(document, "units", &row.units));
	TRY(mongo_get_int(document, "orders", &row.orders));
	if (strlen(currency) != sizeof(row.currency) - 1 || time_parse(day, &row.from_ms) != ERR_OK)
		return ERR_CORRUPT;
	memcpy(row.currency, currency, sizeof(row.currency));
	return sales_add(sales, &row);
}

enum err
sales_store_sum(struct order_store *store, const struct deadline *deadline,
    const struct sales_filter *filter, struct sales *out)
{
	auto_bson bson_t *pipeline = sales_pipeline_new(filter);

	TRY_ALLOC(pipeline);
	TRY(mongo_aggregate_each(store->orders, deadline, pipeline, read_day, out));
	sales_sort(out);
	return ERR_OK;
}
