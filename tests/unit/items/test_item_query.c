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

static const char *
list(const struct item_filter *filter)
{
	const struct page page = {.limit = 100};
	struct listed listed = {.names = ""};

	assert_err(ERR_OK,
	    item_query_run(&rig.shop.items, &rig.deadline, rig.arena, filter, &page, add, &listed));
	return listed.names;
}

static struct item_filter
search(const char *q)
{
	struct item_filter filter = {.sort = ITEM_SORT_NAME};

	assert_err(ERR_OK, words_of(rig.arena, &q, 1, &filter.words));
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
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
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
			assert_err(ERR_OK,
			    item_query_run(&rig.shop.items, &rig.deadline, rig.arena, &filter,
				&page, add, &all));
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

static bool
mentions(const bson_t *document, const char *text)
{
	char *json = bson_as_relaxed_extended_json(document, NULL);
	bool found = strstr(json, text) != NULL;

	bson_free(json);
	return found;
}

/* Does the server answer FILTER from an index? */
static void
assert_indexed_by(struct item_filter filter, bool later_page, const char *index)
{
	const struct page page = {
	    .limit = 20,
	    .has_after = later_page,
	    .after_number = 200,
	    .after_text = later_page && filter.sort == ITEM_SORT_NAME ? "alpha" : NULL,
	    .after_id = new_id(),
	};
	auto_bson bson_t *query = NULL;
	auto_bson bson_t *sort = NULL;
	auto_bson bson_t *command = NULL;
	bson_error_t error;
	bson_t reply;

	assert_err(ERR_OK, item_query_build(&filter, &page, &query, &sort));
	command = BCON_NEW("explain", "{", "find", BCON_UTF8(ITEMS_COLLECTION), "filter",
	    BCON_DOCUMENT(query), "sort", BCON_DOCUMENT(sort), "limit", BCON_INT32(21), "}",
	    "verbosity", "queryPlanner");
	assert_true(
	    mongoc_database_command_simple(rig.mongo.database, command, NULL, &reply, &error));
	assert_true(mentions(&reply, "IXSCAN"));
	assert_false(mentions(&reply, "COLLSCAN"));
	assert_true(mentions(&reply, index));
	bson_destroy(&reply);
}

static void
assert_indexed(struct item_filter filter, bool later_page)
{
	assert_indexed_by(filter, later_page, "");
}

static void
test_the_newest_come_by_the_filters_own_index(void **state)
{
	struct item_filter filter = {.sort = ITEM_SORT_CREATED_DOWN};

	(void)state;
	if (system("command -v mongod >/dev/null || command -v secantusd-rs >/dev/null") != 0)
		skip();
	assert_indexed_by(filter, false, "newest");
	filter.category = "books";
	assert_indexed_by(filter, false, "by_category");
	filter = (struct item_filter){.sort = ITEM_SORT_CREATED_DOWN, .tag = "old"};
	assert_indexed_by(filter, false, "by_tag");
	filter = (struct item_filter){.sort = ITEM_SORT_CREATED_DOWN, .has_seller = true};
	filter.seller_id = new_id();
	assert_indexed_by(filter, false, "by_seller");
	filter = search("red");
	filter.sort = ITEM_SORT_CREATED_DOWN;
	assert_indexed_by(filter, false, "by_word");
	filter = (struct item_filter){.sort = ITEM_SORT_PRICE, .currency = "EUR"};
	assert_indexed_by(filter, false, "by_currency_price");
	filter = (struct item_filter){.sort = ITEM_SORT_NAME};
	assert_indexed_by(filter, false, "by_name");
}

static void
test_every_list_is_served_by_an_index(void **state)
{
	const struct item_filter words = search("red lamp");

	(void)state;
	/* secantusd-py scans where MongoDB would not. */
	if (system("command -v mongod >/dev/null || command -v secantusd-rs >/dev/null") != 0)
		skip();
	for (int sort = ITEM_SORT_CREATED; sort <= ITEM_SORT_NAME; sort++) {
		struct item_filter filter = {.sort = (enum item_sort)sort};

		for (int later = 0; later < 2; later++) {
			assert_indexed(filter, later != 0);
			filter.category = "books";
			assert_indexed(filter, later != 0);
			filter.category = NULL;
			filter.tag = "old";
			assert_indexed(filter, later != 0);
			filter.tag = NULL;
			filter.currency = "EUR";
			filter.has_min_price = true;
			assert_indexed(filter, later != 0);
			filter.currency = NULL;
			filter.has_min_price = false;
			filter.has_seller = true;
			filter.seller_id = new_id();
			assert_indexed(filter, later != 0);
			filter.has_seller = false;
			filter.words = words.words;
			assert_indexed(filter, later != 0);
			filter.words.count = 0;
		}
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
	    cmocka_unit_test_setup(test_the_newest_come_by_the_filters_own_index, fill),
	    cmocka_unit_test_setup(test_every_list_is_served_by_an_index, fill),
	};

	return cmocka_run_group_tests(tests, rig_start, rig_end);
}
