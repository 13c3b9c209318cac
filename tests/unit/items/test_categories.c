#include "tests/unit/items/plans.h"

#include "fcgi/items/category_census.h"
#include "fcgi/items/census.h"
#include "fcgi/items/item_gather.h"
#include "shared/base/buf.h"

#define MANY      500
#define PART      50
#define BATCH     100
#define LOOK_MOST 400 /* items that a look may come upon; hardly ever half as many */
#define SMALL_MAX 20

static struct category_census pod, other;
static size_t looks;
static int64_t made_ms = 1000;

static struct id
insert_batch(size_t count, const char *category, bool levels)
{
	mongoc_bulk_operation_t *bulk =
	    mongoc_collection_create_bulk_operation_with_opts(rig.shop.items.items, NULL);
	const struct item_draft draft = {
	    .name = "Lamp",
	    .description = "",
	    .price = {1999, "EUR"},
	    .category = category,
	};
	const struct id seller = new_id();
	struct id id;
	bson_error_t error;

	for (size_t i = 0; i < count; i++) {
		auto_bson bson_t *document = bson_new();
		struct item_index index;
		struct item item;

		id = new_id();
		if (!levels)
			id.text[ID_LEN - 1] = 'f';
		item_make(&draft, &id, &seller, made_ms++ / 3, &item);
		assert_err(ERR_OK, item_index_make(rig.arena, &item, &index));
		assert_true(item_to_document(document, &item, &index));
		mongoc_bulk_operation_insert(bulk, document);
	}
	if (mongoc_bulk_operation_execute(bulk, NULL, &error) == 0)
		fail_msg("%s", error.message);
	mongoc_bulk_operation_destroy(bulk);
	return id;
}

/* Younger ones than there are; the youngest. */
static struct id
insert(size_t count, const char *category, bool levels)
{
	struct id id;

	for (size_t i = 0; i < count; i += BATCH)
		id = insert_batch(count - i < BATCH ? count - i : BATCH, category, levels);
	return id;
}

/* Out of the catalogue. */
static void
archive(const struct id *id)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));
	auto_bson bson_t *update = BCON_NEW("$set", "{", "status", BCON_UTF8("archived"), "places",
	    "[", "]", "}", "$inc", "{", "version", BCON_INT64(1), "}");
	bool matched;

	assert_err(ERR_OK,
	    mongo_update_one(rig.shop.items.items, &rig.deadline, filter, update, &matched));
	assert_true(matched);
}

/* An index leads to few items, whatever is behind them. */
static void
watch(void *context, const struct mongo_find *find)
{
	int64_t count;

	(void)context;
	looks++;
	if (is_explained())
		assert_plan(find);
	assert_err(ERR_OK,
	    mongo_count(rig.shop.items.items, &rig.deadline, find->filter, LOOK_MOST, &count));
	assert_true(count < LOOK_MOST);
}

static void
start_pod(struct category_census *census)
{
	category_census_fini(census);
	assert_err(ERR_OK, category_census_init(&rig.mongo, census));
	census->part_items = PART;
	census->watch = watch;
}

static int
start(void **state)
{
	auto_bson bson_t *all = bson_new();

	if (rig_empty(state) != 0 ||
	    !mongoc_collection_delete_many(rig.shop.categories.counts, all, NULL, NULL, NULL))
		return -1;
	rig.shop.categories.small_max = SMALL_MAX;
	start_pod(&pod);
	start_pod(&other);
	return 0;
}

static int
end(void **state)
{
	category_census_fini(&pod);
	category_census_fini(&other);
	return rig_end(state);
}

static bool
begin(struct category_census *census, int64_t now_ms)
{
	bool begun, first;

	assert_err(ERR_OK, category_census_begin(census, &rig.deadline, now_ms, &begun, &first));
	return begun;
}

static bool
step(struct category_census *census, int64_t now_ms)
{
	bool more;

	assert_err(ERR_OK, category_census_step(census, &rig.deadline, now_ms, &more));
	return more;
}

/* All parts, which are counted. */
static int
go(struct category_census *census, int64_t now_ms)
{
	int parts = 1;

	while (step(census, now_ms))
		parts++;
	return parts;
}

static enum err
print(void *context, const char *category, int64_t items)
{
	buf_printf(context, "%s %d\n", category, (int)items);
	return ERR_OK;
}

static enum err
ask(struct buf *out)
{
	buf_reset(out);
	arena_reset(rig.arena);
	fault_init(&rig.fault, rig.arena);
	return category_store_each(
	    &rig.shop.categories, &rig.deadline, rig.arena, &rig.fault, print, out);
}

static void
assert_categories(const char *expected)
{
	struct buf out;

	buf_init(&out, 1000);
	assert_err(ERR_OK, ask(&out));
	assert_err(ERR_OK, buf_finish(&out));
	assert_int_equal(out.len, strlen(expected));
	assert_memory_equal(out.data, expected, out.len);
	buf_fini(&out);
}

static void
test_a_small_catalogue_is_counted_when_asked(void **state)
{
	struct id lamp;

	(void)state;
	assert_categories("");
	lamp = insert(2, "lamps", false);
	(void)insert(1, NULL, false);
	assert_categories("lamps 2\n");
	(void)insert(1, "desks", false);
	archive(&lamp);
	assert_categories("desks 1\nlamps 1\n");
	assert_true(begin(&pod, rig.now_ms));
	assert_int_equal(go(&pod, rig.now_ms), 1);
	(void)insert(1, "desks", false);
	assert_categories("desks 2\nlamps 1\n");
}

static void
test_a_census_goes_by_parts(void **state)
{
	struct buf out;
	struct id desk;

	(void)state;
	(void)insert(10, NULL, true);
	(void)insert(MANY / 2, "lamps", true);
	desk = insert(MANY / 2, "desks", true);
	buf_init(&out, 1000);
	assert_err(ERR_UNAVAILABLE, ask(&out));
	assert_true(rig.fault.retry_after_s > 0);
	buf_fini(&out);
	looks = 0;
	assert_true(begin(&pod, rig.now_ms));
	assert_in_range(go(&pod, rig.now_ms), 3, 2 * MANY / PART);
	assert_in_range(looks, 3, 2 * ITEM_LEVELS * MANY / PART);
	assert_categories("desks 250\nlamps 250\n");

	/* The next one: what comes and goes before it gets there, it meets as it is. */
	assert_false(begin(&pod, rig.now_ms));
	rig.now_ms += CENSUS_EVERY_MS;
	assert_true(begin(&pod, rig.now_ms));
	assert_true(step(&pod, rig.now_ms));
	(void)insert(1, "new", true);
	archive(&desk);
	assert_categories("desks 250\nlamps 250\n");
	(void)go(&pod, rig.now_ms);
	assert_categories("desks 249\nlamps 250\nnew 1\n");
}

static void
test_one_pod_counts_and_another_follows_a_killed_one(void **state)
{
	(void)state;
	(void)insert(MANY, "lamps", true);
	assert_true(begin(&pod, rig.now_ms));
	assert_false(begin(&other, rig.now_ms));
	assert_true(step(&pod, rig.now_ms));
	/* As long as it is at work it keeps its lease. */
	rig.now_ms += CENSUS_LEASE_MS - 1;
	assert_true(step(&pod, rig.now_ms));
	assert_false(begin(&other, rig.now_ms + 1));
	/* It falls silent. */
	rig.now_ms += CENSUS_LEASE_MS;
	assert_true(begin(&other, rig.now_ms));
	assert_true(step(&other, rig.now_ms));
	assert_false(step(&pod, rig.now_ms));
	(void)go(&other, rig.now_ms);
	assert_categories("lamps 500\n");
}

/* Where no item tells how far so many reach, a part is too much for one look. */
static void
test_items_without_levels_are_counted(void **state)
{
	(void)state;
	if (!is_explained())
		skip();
	(void)insert(ITEM_PLACES_MAX + PART, "lamps", false);
	(void)insert(SMALL_MAX * 16, "desks", true);
	pod.watch = NULL;
	assert_true(begin(&pod, rig.now_ms));
	(void)go(&pod, rig.now_ms);
	assert_categories("desks 320\nlamps 2050\n");
}

static void
test_the_thread_makes_the_first_census_at_once(void **state)
{
	struct census *census;
	struct buf out;

	(void)state;
	(void)insert(MANY, "lamps", true);
	buf_init(&out, 1000);
	assert_err(ERR_OK, census_start(rig.pool, &clock_system, &census));
	while (ask(&out) == ERR_UNAVAILABLE)
		assert_true(deadline_left_ms(&rig.deadline) > 0);
	census_stop(&census);
	census_stop(&census);
	assert_categories("lamps 500\n");
	assert_false(begin(&pod, rig.now_ms)); /* the next is due later */
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_a_small_catalogue_is_counted_when_asked, start),
	    cmocka_unit_test_setup(test_a_census_goes_by_parts, start),
	    cmocka_unit_test_setup(test_one_pod_counts_and_another_follows_a_killed_one, start),
	    cmocka_unit_test_setup(test_items_without_levels_are_counted, start),
	    cmocka_unit_test_setup(test_the_thread_makes_the_first_census_at_once, start),
	};

	return cmocka_run_group_tests_name("items/categories", tests, rig_start, end);
}
