#include "tests/unit/items/shop_rig.h"

#include "fcgi/items/item_query.h"

struct listed {
	const char *names; /* joined by spaces */
	size_t count;
	size_t stop_at; /* 0: never */
	struct page_key last;
};

static enum err
add(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	struct listed *listed = context;

	listed->names = arena_printf(
	    rig.arena, "%s%s%s", listed->names, listed->count > 0 ? " " : "", item->name);
	listed->last = *key;
	if (key->text != NULL)
		listed->last.text = arena_strdup(rig.arena, key->text);
	listed->count++;
	*stop = listed->count == listed->stop_at;
	return ERR_OK;
}

/* Where the next page begins, when the walk says so. */
static bool
run(const struct item_filter *filter, const struct page *page, struct listed *listed)
{
	const struct item_walk walk = {.each = add, .context = listed};
	struct page_key resume;
	bool ended_early;

	assert_err(ERR_OK,
	    item_query_run(&rig.shop.items, &rig.deadline, rig.arena, filter, page, &walk, &resume,
		&ended_early));
	if (ended_early)
		listed->last = resume;
	return ended_early;
}

static const char *
list(const struct item_filter *filter)
{
	const struct page page = {.limit = 100};
	struct listed listed = {.names = ""};

	(void)run(filter, &page, &listed);
	return listed.names;
}

static struct item_filter
search(const char *q)
{
	struct item_filter filter = {.sort = ITEM_SORT_NAME};

	assert_err(ERR_OK, words_of_search(rig.arena, q, &filter.words, &filter.beginning));
	return filter;
}

static void
put(const char *name, const char *description, int64_t amount, const char *currency, int64_t stock,
    const char *category, const char *tag, int64_t made_ms)
{
	const char **tags = arena_alloc(rig.arena, sizeof(*tags));
	struct item_draft draft = {
	    .name = name,
	    .description = description,
	    .price = {.amount_minor = amount},
	    .has_stock = true,
	    .stock = stock,
	    .category = category,
	    .tags = tags,
	    .tag_count = tag != NULL ? 1 : 0,
	};

	assert_non_null(tags);
	tags[0] = tag;
	memcpy(draft.price.currency, currency, 4);
	(void)rig_list_item(&draft, made_ms);
}

static int
fill(void **state)
{
	if (rig_empty(state) != 0)
		return -1;
	put("beta", "A red lamp", 300, "EUR", 1, "books", "old", 1000);
	put("Alpha", "a Blue L\xc3\x84MP", 100, "EUR", 0, "books", "new", 2000);
	put("\xc3\xa9psilon", "", 200, "USD", 5, "lamps", NULL, 3000);
	put("delta", "red", 200, "EUR", 2, NULL, "lamp", 4000);
	return 0;
}

static void
test_orders(void **state)
{
	static const struct {
		enum item_sort sort;
		const char *names;
	} cases[] = {
	    {ITEM_SORT_CREATED, "beta Alpha \xc3\xa9psilon delta"},
	    {ITEM_SORT_CREATED_DOWN, "delta \xc3\xa9psilon Alpha beta"},
	    {ITEM_SORT_NAME, "Alpha beta delta \xc3\xa9psilon"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_string_equal(
		    list(&(struct item_filter){.sort = cases[i].sort}), cases[i].names);
	assert_string_equal(list(&(struct item_filter){.sort = ITEM_SORT_PRICE, .currency = "EUR"}),
	    "Alpha delta beta");
	assert_string_equal(
	    list(&(struct item_filter){.sort = ITEM_SORT_PRICE_DOWN, .currency = "EUR"}),
	    "beta delta Alpha");
}

static void
test_filters(void **state)
{
	struct item_filter filter = {.sort = ITEM_SORT_NAME};

	(void)state;
	filter.category = "books";
	assert_string_equal(list(&filter), "Alpha beta");
	filter.in_stock = filter.has_in_stock = true;
	assert_string_equal(list(&filter), "beta");
	filter.in_stock = false;
	assert_string_equal(list(&filter), "Alpha");
	filter = (struct item_filter){.sort = ITEM_SORT_NAME, .tag = "lamp"};
	assert_string_equal(list(&filter), "delta");
	filter = (struct item_filter){.sort = ITEM_SORT_NAME, .currency = "EUR"};
	filter.has_min_price = true;
	filter.min_price = 200;
	assert_string_equal(list(&filter), "beta delta");
	filter.has_max_price = true;
	filter.max_price = 200;
	assert_string_equal(list(&filter), "delta");
	filter = (struct item_filter){.has_seller = true, .seller_id = new_id()};
	assert_string_equal(list(&filter), "");
	/* What looks like an operator is a text. */
	filter = (struct item_filter){.category = "$ne", .tag = "{\"$gt\":\"\"}"};
	assert_string_equal(list(&filter), "");
}

static void
test_words_are_all_wanted(void **state)
{
	struct item_filter filter;

	(void)state;
	filter = search("LAMP");
	assert_string_equal(list(&filter), "Alpha beta delta"); /* in text and in tags */
	filter = search("red lamp");
	assert_string_equal(list(&filter), "beta delta");
	filter = search("lamp alpha");
	assert_string_equal(list(&filter), "Alpha");
	filter = search("EPSILON");
	assert_string_equal(list(&filter), "\xc3\xa9psilon");
	filter = search("lam");
	assert_string_equal(list(&filter), "Alpha beta delta"); /* the last may be only begun */
	filter = search("l");
	assert_string_equal(list(&filter), "Alpha beta delta");
	filter = search("lam red");
	assert_string_equal(list(&filter), ""); /* but none before it */
	filter = search("amp");
	assert_string_equal(list(&filter), "");
	filter = search("lamp");
	filter.category = "books";
	filter.sort = ITEM_SORT_PRICE_DOWN;
	assert_string_equal(list(&filter), "beta Alpha");
}

/* Twelve items of equal keys by threes: each is on one page, once, though others come meanwhile. */
static void
test_pages(void **state)
{
	for (int sort = ITEM_SORT_CREATED; sort <= ITEM_SORT_NAME; sort++) {
		const struct item_filter filter = {.sort = (enum item_sort)sort};
		struct listed all = {.names = ""};
		struct page page = {.limit = 5};
		size_t before;

		assert_int_equal(rig_empty(state), 0);
		for (int i = 0; i < 12; i++)
			put(arena_printf(rig.arena, "n%d", i / 3), "", i / 3, "EUR", 1, NULL, NULL,
			    1000 + i / 3);
		do {
			before = all.count;
			all.stop_at = before + 5;
			(void)run(&filter, &page, &all);
			page.has_after = true;
			page.after_number = all.last.number;
			page.after_text = all.last.text;
			page.after_id = all.last.id;
			/* Before all that was shown: it changes no later page. */
			put("n0", "", sort == ITEM_SORT_PRICE_DOWN ? 9 : 0, "EUR", 1, NULL, NULL,
			    sort == ITEM_SORT_CREATED_DOWN ? 9000 : 0);
		} while (all.count > before);
		assert_int_equal(all.count, 12);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_orders, fill),
	    cmocka_unit_test_setup(test_filters, fill),
	    cmocka_unit_test_setup(test_words_are_all_wanted, fill),
	    cmocka_unit_test_setup(test_pages, rig_empty),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
