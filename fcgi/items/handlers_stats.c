#include "fcgi/items/handlers_stats.h"

#include "fcgi/items/handling.h"
#include "fcgi/items/sales_store.h"
#include "shared/edge/json.h"
#include "shared/edge/query.h"

#define DEFAULT_SPAN_MS ((int64_t)30 * 24 * 3600 * 1000)

static enum err
read_filter(struct request *rq, struct sales_filter *filter, enum sales_interval *interval)
{
	int choice = SALES_BY_DAY;
	bool has_from, has_to;
	struct query query;

	filter->seller_id = rq->principal->user_id;
	TRY(query_begin(&query, rq));
	query_read_choice(&query, "interval", sales_interval_texts, &choice, NULL);
	query_read_time(&query, "from", &filter->from_ms, &has_from);
	query_read_time(&query, "to", &filter->to_ms, &has_to);
	if (!has_to)
		filter->to_ms = rq->now_ms + 1;
	if (!has_from)
		filter->from_ms = filter->to_ms - DEFAULT_SPAN_MS;
	if (has_from && has_to && filter->from_ms > filter->to_ms)
		query_fault(&query, "to", FIELD_OUT_OF_RANGE, "It is before `from`.");
	*interval = (enum sales_interval)choice;
	return query_end(&query);
}

static void
write_row(struct json_writer *w, const struct sales_row *row)
{
	struct money revenue = {.amount_minor = row->revenue_minor};

	for (size_t i = 0; i < sizeof(revenue.currency); i++)
		revenue.currency[i] = row->currency[i];
	json_object_open(w, NULL);
	json_put_time(w, "from", row->from_ms);
	json_put_text(w, "currency", row->currency);
	json_put_money(w, "revenue", &revenue);
	json_put_int(w, "units", row->units);
	json_put_int(w, "orders", row->orders);
	json_object_close(w);
}

enum err
handle_get_sales_statistics(const struct app *app, struct request *rq, struct response *rs)
{
	struct sales sales = {.arena = rq->arena};
	struct sales_filter filter;
	struct json_writer w;

	(void)app;
	TRY(read_filter(rq, &filter, &sales.interval));
	TRY(sales_store_sum(&rq->worker->shop.orders, &rq->deadline, &filter, &sales));
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	for (size_t i = 0; i < sales.count; i++)
		write_row(&w, &sales.rows[i]);
	json_array_close(&w);
	json_object_close(&w);
	return response_json(rs, 200);
}
