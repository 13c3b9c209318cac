#include "tests/unit/items/plans.h"

#include "fcgi/items/item_gather.h"
#include "fcgi/items/item_query.h"
#include "shared/base/str.h"

#define MANY    700 /* more than one page may look at */
#define BATCH   100
#define CROWDED (ITEM_PLACES_MAX + 100)

static const char *const names[] = {"Red lamp", "red desk lamp", "Lampshade, small", "Oak desk",
    "Quantum lantern", "Rug", "Old red rug"};
static const char *const categories[] = {"lamps", "desks", NULL};
static const char *const tags[] = {"old", "new", "rare"};

/* What is in the catalogue, in the order it was listed. */
static struct catalogue {
	struct item items[CROWDED];
	struct item_index indexes[CROWDED];
	size_t count;
	struct id sellers[2];
} catalogue;

static void
make_one(size_t i, const char *digits)
{
	const char **tag = arena_alloc(rig.arena, sizeof(*tag));
	const struct item_draft draft = {
	    .name = names[i % 7],
	    .description = i % 5 == 0 ? "\xc3\x89t\xc3\xa9 quality" : "",
	    .price = {.amount_minor = (int64_t)(i * 7919 % 50), .currency = {"EUR"}},
	    .has_stock = true,
	    .stock = (int64_t)(i % 4),
	    .category = categories[i % 3],
	    .tags = tag,
	    .tag_count = i % 2,
	};
	struct item *item = &catalogue.items[i];
	struct id id = new_id();

	assert_non_null(tag);
	if (digits != NULL)
		memcpy(id.text + ID_LEN - 2, digits, 2);
	tag[0] = i % 350 == 1 ? tags[2] : tags[i / 2 % 2];
	item_make(&draft, &id, &catalogue.sellers[i % 9 == 0], 1000 + (int64_t)i / 3, item);
	if (i % 6 == 0)
		memcpy(item->price.currency, "USD", 4);
	assert_err(ERR_OK, item_index_make(rig.arena, item, &catalogue.indexes[i]));
}

static void
insert(size_t first, size_t end)
{
	mongoc_bulk_operation_t *bulk =
	    mongoc_collection_create_bulk_operation_with_opts(rig.shop.items.items, NULL);
	bson_error_t error;

	for (size_t i = first; i < end; i++) {
		auto_bson bson_t *document = bson_new();

		assert_true(item_to_document(document, &catalogue.items[i], &catalogue.indexes[i]));
		mongoc_bulk_operation_insert(bulk, document);
	}
	if (mongoc_bulk_operation_execute(bulk, NULL, &error) == 0)
		fail_msg("%s", error.message);
	mongoc_bulk_operation_destroy(bulk);
}

/* DIGITS: all ids' last two, which say what levels of the lists they stand in; NULL: by chance. */
static int
fill(size_t count, const char *digits, void **state)
{
	if (rig_empty(state) != 0)
		return -1;
	rig.deadline = deadline_in(&clock_system, 300000);
	catalogue.count = count;
	catalogue.sellers[0] = new_id();
	catalogue.sellers[1] = new_id();
	for (size_t i = 0; i < count; i++)
		make_one(i, digits);
	for (size_t i = 0; i < count; i += BATCH)
		insert(i, i + BATCH < count ? i + BATCH : count);
	return 0;
}

static int
fill_few(void **state)
{
	return fill(40, NULL, state);
}

static int
fill_many(void **state)
{
	return fill(MANY, NULL, state);
}

static int
fill_crowded(void **state)
{
	return is_explained() ? fill(CROWDED, "ff", state) : 0;
}

/* Each stands for others. */
static int
fill_first_level(void **state)
{
	return fill(140, "f0", state);
}

/* Each bit of BITS is a condition. */
static struct item_filter
filter_of(unsigned bits, unsigned sort)
{
	struct item_filter filter = {.sort = (enum item_sort)sort};

	if ((bits & 3) != 0)
		assert_err(ERR_OK,
		    words_of_search(rig.arena,
			(bits & 3) == 1       ? "lamp red"
			    : (bits & 3) == 2 ? "la"
					      : "ete quan",
			&filter.words, &filter.beginning));
	if ((bits & 4) != 0)
		filter.category = "lamps";
	if ((bits & 8) != 0)
		filter.tag = (bits & 16) != 0 ? "rare" : "old";
	filter.has_seller = (bits & 32) != 0;
	filter.seller_id = catalogue.sellers[1];
	if ((bits & 64) != 0) {
		filter.currency = "EUR";
		filter.has_min_price = true;
		filter.min_price = 10;
		filter.has_max_price = (bits & 16) != 0;
		filter.max_price = 12;
	}
	filter.has_in_stock = (bits & 128) != 0;
	filter.in_stock = (bits & 16) == 0;
	return filter;
}

static bool
has_words(const struct words *words, const struct item_filter *filter)
{
	bool begun = filter->beginning == NULL;
	size_t found = 0;

	for (size_t i = 0; i < words->count; i++) {
		for (size_t j = 0; j < filter->words.count; j++)
			found += str_equal(words->list[i], filter->words.list[j]);
		begun = begun || str_starts_with(words->list[i], filter->beginning);
	}
	return begun && found == filter->words.count;
}

static bool
fits(size_t at, const struct item_filter *filter)
{
	const struct item *item = &catalogue.items[at];

	if (filter->category != NULL &&
	    (item->category == NULL || !str_equal(item->category, filter->category)))
		return false;
	if (filter->tag != NULL && (item->tag_count == 0 || !str_equal(item->tags[0], filter->tag)))
		return false;
	if (filter->has_seller && !id_equal(&item->seller_id, &filter->seller_id))
		return false;
	if (filter->currency != NULL && !str_equal(item->price.currency, filter->currency))
		return false;
	if (filter->has_min_price && item->price.amount_minor < filter->min_price)
		return false;
	if (filter->has_max_price && item->price.amount_minor > filter->max_price)
		return false;
	if (filter->has_in_stock && (item->stock > 0) != filter->in_stock)
		return false;
	return has_words(&catalogue.indexes[at].words, filter);
}

struct seen {
	struct arena *arena;
	struct page_key last;
	size_t of_page;
	size_t limit;
	bool more;
	unsigned times[CROWDED];
	enum item_sort sort;
	const struct item *before;
	size_t looks;
	bool plans; /* every look is explained */
};

/* Does B come after A? */
static bool
in_order(const struct item *a, const struct item *b, enum item_sort sort)
{
	bool down = sort == ITEM_SORT_CREATED_DOWN || sort == ITEM_SORT_PRICE_DOWN;
	int64_t order;

	if (sort == ITEM_SORT_NAME) {
		order = strcmp(catalogue.indexes[a - catalogue.items].name_key,
		    catalogue.indexes[b - catalogue.items].name_key);
	} else if (sort == ITEM_SORT_PRICE || sort == ITEM_SORT_PRICE_DOWN) {
		order = a->price.amount_minor - b->price.amount_minor;
	} else {
		order = a->created_at_ms - b->created_at_ms;
	}
	if (order == 0)
		order = strcmp(a->id.text, b->id.text);
	return down ? order > 0 : order < 0;
}

static enum err
see(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	struct seen *seen = context;

	if (seen->of_page == seen->limit) {
		seen->more = true;
		*stop = true;
		return ERR_OK;
	}
	seen->of_page++;
	seen->last = *key;
	if (key->text != NULL)
		seen->last.text = arena_strdup(seen->arena, key->text);
	for (size_t i = 0; i < catalogue.count; i++) {
		if (!id_equal(&catalogue.items[i].id, &item->id))
			continue;
		seen->times[i]++;
		if (seen->before != NULL)
			assert_true(in_order(seen->before, &catalogue.items[i], seen->sort));
		seen->before = &catalogue.items[i];
	}
	return ERR_OK;
}

static void
explain(void *context, const struct mongo_find *find)
{
	struct seen *seen = context;

	seen->looks++;
	if (seen->plans)
		assert_plan(find);
}

/* Walks all pages: each item that fits is on one of them, once, and no other. */
static void
walk_all(const struct item_filter *filter, size_t limit, bool plans)
{
	struct seen seen = {.limit = limit, .sort = filter->sort};
	const struct item_walk walk = {.each = see, .context = &seen, .watch = explain};
	auto_arena struct arena *arena = NULL;
	int pages = 0;
	struct page page = {.limit = (int64_t)limit};
	bool ended_early;
	struct page_key resume;

	assert_err(ERR_OK, arena_new((size_t)16 << 20, &arena));
	seen.arena = arena;
	do {
		seen.plans = plans && pages++ < 2;
		seen.of_page = 0;
		seen.more = false;
		seen.looks = 0;
		assert_err(ERR_OK,
		    item_query_run(&rig.shop.items, &rig.deadline, arena, filter, &page, &walk,
			&resume, &ended_early));
		assert_in_range(seen.looks, 1, 40); /* by chance, a few parts of 6 */
		if (!seen.more && ended_early)
			seen.last = resume;
		page.has_after = true;
		page.after_number = seen.last.number;
		page.after_text = seen.last.text;
		page.after_id = seen.last.id;
	} while (seen.more || ended_early);
	for (size_t i = 0; i < catalogue.count; i++)
		assert_int_equal(seen.times[i], fits(i, filter));
}

/* Every STEP-th; at secantusd-py, which is slow, of those every fourth. */
static void
walk_combinations(size_t limit, unsigned step)
{
	const unsigned each = is_explained() ? step : 4 * step;

	for (unsigned bits = 0; bits < 256; bits += each) {
		const struct item_filter filter = filter_of(bits, bits / step % 5);

		walk_all(&filter, limit, is_explained());
	}
}

static void
test_few_items(void **state)
{
	(void)state;
	walk_combinations(11, 11);
}

static void
test_many_items(void **state)
{
	(void)state;
	walk_combinations(100, 23);
}

/* Where no item tells how far so many reach, a part of a list is too much for one look. */
static void
test_items_without_levels(void **state)
{
	const struct item_filter lists[] = {
	    filter_of(0, ITEM_SORT_CREATED_DOWN),
	    filter_of(128, ITEM_SORT_NAME),
	};

	(void)state;
	if (!is_explained())
		skip();
	for (size_t i = 0; i < COUNT_OF(lists); i++)
		walk_all(&lists[i], 100, false);
}

static enum err
count(void *context, const struct item *item, const struct page_key *key, bool *stop)
{
	size_t *shown = context;

	(void)item;
	(void)key;
	(void)stop;
	(*shown)++;
	return ERR_OK;
}

/* A part that ends with the page's last item is not gone beyond, by one who wants all there is. */
static void
test_part_as_long_as_page(void **state)
{
	const struct item_filter filter = filter_of(0, ITEM_SORT_CREATED_DOWN);
	const struct page page = {.limit = 2};
	size_t shown = 0;
	const struct item_walk walk = {.each = count, .context = &shown};
	struct page_key resume;
	bool ended_early;

	(void)state;
	assert_err(ERR_OK,
	    item_query_run(&rig.shop.items, &rig.deadline, rig.arena, &filter, &page, &walk,
		&resume, &ended_early));
	assert_int_equal(shown, page.limit + 1);
	assert_true(ended_early);
	assert_string_equal(resume.id.text, catalogue.items[catalogue.count - shown].id.text);
}

/* A word's list is walked in the order of the price, too, not all there is. */
static void
test_words_by_price(void **state)
{
	struct item_filter filter = {.sort = ITEM_SORT_PRICE};
	const struct page page = {.limit = 20};
	size_t shown = 0;
	const struct item_walk walk = {.each = count, .context = &shown};
	struct page_key resume;
	bool ended_early;

	(void)state;
	assert_err(ERR_OK, words_of_search(rig.arena, "quantum", &filter.words, &filter.beginning));
	assert_err(ERR_OK,
	    item_query_run(&rig.shop.items, &rig.deadline, rig.arena, &filter, &page, &walk,
		&resume, &ended_early));
	/* Each is taken to stand for ITEM_LEVEL_STEP: as for a page first, then as for a look. */
	assert_int_equal(
	    shown, page.limit / ITEM_LEVEL_STEP + 3 + ITEM_LOOK_MAX / ITEM_LEVEL_STEP + 3);
	assert_true(ended_early);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_few_items, fill_few),
	    cmocka_unit_test_setup(test_part_as_long_as_page, fill_first_level),
	    cmocka_unit_test(test_words_by_price),
	    /* Last: it takes secantusd-py long to remove so many. */
	    cmocka_unit_test_setup(test_many_items, fill_many),
	    cmocka_unit_test_setup(test_items_without_levels, fill_crowded),
	};

	return cmocka_run_group_tests_name("items/item_query: plans", tests, rig_start, rig_end);
}
