#include "fcgi/items/category_census.h"

#include <string.h>

#include "fcgi/items/item_gather.h"
#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

#define ARENA_BYTES   ((size_t)16 << 20)
#define FIRST_ROOM    64
#define TALLIED_BYTES ((size_t)64 << 20)

struct category_tally {
	const char *category;
	int64_t items;
};

enum err
category_census_init(const struct mongo *mongo, struct category_census *out)
{
	*out = (struct category_census){.part_items = CENSUS_PART_ITEMS};
	id_new(clock_now_ms(&clock_system), &out->by);
	category_store_init(mongo, &out->store);
	TRY(arena_new(ARENA_BYTES, &out->arena));
	return arena_new(TALLIED_BYTES, &out->tallied);
}

void
category_census_fini(struct category_census *census)
{
	category_store_fini(&census->store);
	arena_free(&census->arena);
	arena_free(&census->tallied);
}

static bson_t *
document_of(void)
{
	return BCON_NEW("_id", BCON_UTF8(CATEGORIES_COUNT));
}

static enum err
insert_lease(struct category_census *census, const struct deadline *deadline, bool *begun)
{
	auto_bson bson_t *document = document_of();
	enum err err;

	if (!mongo_put_text(document, "by", census->by.text) ||
	    !BSON_APPEND_DATE_TIME(document, "due", census->due_ms))
		return ERR_MEMORY;
	err = mongo_insert(census->store.counts, deadline, document);
	if (err != ERR_CONFLICT)
		TRY(err);
	*begun = err == ERR_OK;
	return ERR_OK;
}

static enum err
take_lease(struct category_census *census, const struct deadline *deadline, int64_t now_ms,
    bool *begun, bool *first)
{
	auto_bson bson_t *filter = document_of();
	auto_bson bson_t *fields = BCON_NEW("due", BCON_INT32(1), "counted_at", BCON_INT32(1));
	auto_bson bson_t *due = BCON_NEW(
	    "_id", BCON_UTF8(CATEGORIES_COUNT), "due", "{", "$lte", BCON_DATE_TIME(now_ms), "}");
	auto_bson bson_t *update = BCON_NEW("$set", "{", "by", BCON_UTF8(census->by.text), "due",
	    BCON_DATE_TIME(census->due_ms), "}");
	auto_bson bson_t *found = NULL;
	int64_t due_ms;

	TRY(mongo_find_one(census->store.counts, deadline, filter, fields, &found));
	*first = found == NULL || !mongo_has(found, "counted_at");
	if (found == NULL)
		return insert_lease(census, deadline, begun);
	TRY(mongo_get_time(found, "due", &due_ms));
	*begun = false;
	return due_ms > now_ms
	    ? ERR_OK
	    : mongo_update_one(census->store.counts, deadline, due, update, begun);
}

enum err
category_census_begin(struct category_census *census, const struct deadline *deadline,
    int64_t now_ms, bool *begun, bool *first)
{
	census->due_ms = now_ms + CENSUS_LEASE_MS;
	census->has_after = census->ended = false;
	census->tally = (struct tally){.count = 0};
	arena_reset(census->tallied);
	return take_lease(census, deadline, now_ms, begun, first);
}

/* What is this census's alone to write; *held false: another took over. */
static enum err
write_own(
    struct category_census *census, const struct deadline *deadline, const bson_t *set, bool *held)
{
	auto_bson bson_t *filter = document_of();
	auto_bson bson_t *update = BCON_NEW("$set", BCON_DOCUMENT(set));

	if (!mongo_put_text(filter, "by", census->by.text))
		return ERR_MEMORY;
	return mongo_update_one(census->store.counts, deadline, filter, update, held);
}

static enum err
keep_lease(
    struct category_census *census, const struct deadline *deadline, int64_t now_ms, bool *held)
{
	auto_bson bson_t *set = BCON_NEW("due", BCON_DATE_TIME(now_ms + CENSUS_LEASE_MS));

	*held = true;
	if (census->due_ms - now_ms > CENSUS_LEASE_MS / 2)
		return ERR_OK;
	TRY(write_own(census, deadline, set, held));
	census->due_ms = now_ms + CENSUS_LEASE_MS;
	return ERR_OK;
}

static enum err
grow(struct arena *arena, struct tally *tally)
{
	size_t room = tally->room > 0 ? 2 * tally->room : FIRST_ROOM;
	struct category_tally *list;

	if (tally->count < tally->room)
		return ERR_OK;
	list = arena_array(arena, room, sizeof(*list));
	TRY_ALLOC(list);
	if (tally->count > 0)
		memcpy(list, tally->list, tally->count * sizeof(*list));
	tally->list = list;
	tally->room = room;
	return ERR_OK;
}

static enum err
count_one(struct arena *arena, struct tally *tally, const char *category)
{
	size_t low = 0, high = tally->count;
	struct category_tally *at;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(tally->list[middle].category, category) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < tally->count && str_equal(tally->list[low].category, category)) {
		tally->list[low].items++;
		return ERR_OK;
	}
	TRY(grow(arena, tally));
	at = &tally->list[low];
	memmove(at + 1, at, (tally->count - low) * sizeof(*at));
	*at = (struct category_tally){.category = arena_strdup(arena, category), .items = 1};
	TRY_ALLOC(at->category);
	tally->count++;
	return ERR_OK;
}

struct part {
	struct arena *arena;
	const struct search_order *order;
	const char **categories; /* room for ITEM_PLACES_MAX */
	size_t count;            /* of those */
	size_t items;
	struct page_key middle; /* the place of one among them */
};

static enum err
keep_category(void *context, const bson_t *document, bool *stop)
{
	struct part *part = context;
	const char *category;

	(void)stop;
	if (part->items++ == ITEM_PLACES_MAX / 2)
		TRY(search_place(document, part->order, &part->middle));
	if (!mongo_has(document, "category"))
		return ERR_OK;
	TRY(mongo_get_text(document, "category", &category));
	part->categories[part->count] = arena_strdup(part->arena, category);
	TRY_ALLOC(part->categories[part->count]);
	part->count++;
	return ERR_OK;
}

/* All that is within BOUNDS, which are narrowed until it is not too much for one look. */
static enum err
read_part(struct search_run *run, struct search_bounds *bounds, struct part *part)
{
	auto_bson bson_t *fields = BCON_NEW("category", BCON_INT32(1), "created_at", BCON_INT32(1));

	for (;;) {
		auto_bson bson_t *query = NULL;
		struct mongo_find find = {.fields = fields, .limit = ITEM_PLACES_MAX};

		TRY(search_query(
		    run->arena, part->order, 0, ITEM_KEY_ALL, run->filter, bounds, false, &query));
		find.filter = query;
		part->count = part->items = 0;
		TRY(item_look(run, &find, keep_category, part));
		if (part->items < ITEM_PLACES_MAX)
			return ERR_OK;
		bounds->has_before = true;
		bounds->before = part->middle;
	}
}

static enum err
count_part(struct category_census *census, const struct deadline *deadline)
{
	const struct item_walk walk = {.watch = census->watch, .context = census->watcher};
	struct search_bounds bounds = {.has_after = census->has_after, .after = census->after};
	struct part part = {
	    .arena = census->arena,
	    .order = search_order_of(ITEM_SORT_CREATED),
	    .categories = arena_array(census->arena, ITEM_PLACES_MAX, sizeof(*part.categories)),
	};
	struct search_run run;

	TRY_ALLOC(part.categories);
	TRY(item_run_whole(&census->store.items, deadline, census->arena, &walk, &run));
	TRY(item_reach(&run, part.order, ITEM_KEY_ALL, &bounds, census->part_items, &bounds.before,
	    &bounds.has_before));
	TRY(read_part(&run, &bounds, &part));
	for (size_t i = 0; i < part.count; i++)
		TRY(count_one(census->tallied, &census->tally, part.categories[i]));
	census->ended = !bounds.has_before;
	census->has_after = bounds.has_before;
	if (census->has_after)
		census->after = bounds.before;
	return ERR_OK;
}

static bool
put_counts(bson_t *set, const struct tally *tally)
{
	struct mongo_list counts;
	bson_t count;
	bool fits = mongo_list_begin(set, "counts", &counts);

	for (size_t i = 0; fits && i < tally->count; i++)
		fits = mongo_list_open(&counts, &count) &&
		    mongo_put_text(&count, "category", tally->list[i].category) &&
		    BSON_APPEND_INT64(&count, "items", tally->list[i].items) &&
		    mongo_list_close(&counts, &count);
	return fits && mongo_list_end(set, &counts);
}

static enum err
write_counts(struct category_census *census, const struct deadline *deadline, int64_t now_ms)
{
	auto_bson bson_t *set = BCON_NEW(
	    "counted_at", BCON_DATE_TIME(now_ms), "due", BCON_DATE_TIME(now_ms + CENSUS_EVERY_MS));
	bool held;

	return put_counts(set, &census->tally) ? write_own(census, deadline, set, &held)
					       : ERR_MEMORY;
}

enum err
category_census_step(
    struct category_census *census, const struct deadline *deadline, int64_t now_ms, bool *more)
{
	enum err err = ERR_OK;
	bool held;

	TRY(keep_lease(census, deadline, now_ms, &held));
	if (held && !census->ended)
		err = count_part(census, deadline);
	arena_reset(census->arena);
	TRY(err);
	if (held && census->ended)
		TRY(write_counts(census, deadline, now_ms));
	*more = held && !census->ended;
	return ERR_OK;
}
