#include "fcgi/items/item_list_wire.h"

#include "fcgi/items/item_wire.h"

#define Q_MAX 200

static const struct text_rule q_rule = {.min = 1, .max = Q_MAX};
static const struct text_rule currency_rule = {
    .min = 3,
    .max = 3,
    .matches = money_currency_known,
    .form = "an ISO 4217 currency code",
};

/* In the order of enum item_sort. */
static const char *const sorts[] = {"created_at", "-created_at", "price", "-price", "name", NULL};

static enum err
read_words(struct query *query, struct item_filter *filter)
{
	const char *q;
	bool present;

	query_read_text(query, "q", &q_rule, &q, &present);
	if (!present)
		return ERR_OK;
	TRY(words_of_search(query->rq->arena, q, &filter->words, &filter->beginning));
	if (filter->beginning == NULL)
		query_fault(query, "q", FIELD_BAD_FORMAT, "must hold a letter or a digit");
	return ERR_OK;
}

static void
read_prices(struct query *query, struct item_filter *filter)
{
	bool present;

	query_read_int(
	    query, "min_price", 0, MONEY_AMOUNT_MAX, &filter->min_price, &filter->has_min_price);
	query_read_int(
	    query, "max_price", 0, MONEY_AMOUNT_MAX, &filter->max_price, &filter->has_max_price);
	query_read_text(query, "currency", &currency_rule, &filter->currency, &present);
	if (!present && (filter->has_min_price || filter->has_max_price))
		query_fault(query, "currency", FIELD_REQUIRED,
		    "prices can be compared in one currency alone");
}

enum err
item_filter_read(struct query *query, struct item_filter *out)
{
	struct item_filter filter = {.sort = ITEM_SORT_CREATED_DOWN};
	int sort;
	bool present;

	TRY(read_words(query, &filter));
	query_read_text(query, "category", &item_category_rule, &filter.category, NULL);
	query_read_text(query, "tag", &item_tag_rule, &filter.tag, NULL);
	query_read_id(query, "seller_id", &filter.seller_id, &filter.has_seller);
	read_prices(query, &filter);
	query_read_bool(query, "in_stock", &filter.in_stock, &filter.has_in_stock);
	query_read_choice(query, "sort", sorts, &sort, &present);
	if (present)
		filter.sort = (enum item_sort)sort;
	*out = filter;
	return ERR_OK;
}
