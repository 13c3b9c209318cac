#include "fcgi/items/item_gather.h"

#include <stdlib.h>
#include <string.h>

#include "shared/infra/mongo_list.h"
#include "shared/infra/mongo_read.h"

enum err
item_run_whole(struct item_store *store, const struct deadline *deadline, struct arena *arena,
    const struct item_walk *walk, struct search_run *out)
{
	static const struct item_filter every = {.sort = ITEM_SORT_CREATED};

	*out = (struct search_run){
	    .store = store,
	    .deadline = deadline,
	    .arena = arena,
	    .filter = &every,
	    .walk = walk,
	    .places = arena_array(arena, ITEM_PLACES_MAX, sizeof(*out->places)),
	};
	return out->places != NULL ? ERR_OK : ERR_MEMORY;
}

enum err
item_look(const struct search_run *run, const struct mongo_find *find,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context)
{
	if (run->walk->watch != NULL)
		run->walk->watch(run->walk->context, find);
	return mongo_find_each(run->store->items, run->deadline, find, each, context);
}

enum err
search_place(const bson_t *document, const struct search_order *order, struct page_key *out)
{
	struct page_key place = {.number = 0};
	bson_t price;

	TRY(mongo_get_id(document, "_id", &place.id));
	switch (order->by) {
	case ITEM_BY_NAME:
		TRY(mongo_get_text(document, "name_key", &place.text));
		break;
	case ITEM_BY_PRICE:
		TRY(mongo_get_document(document, "price", &price));
		TRY(mongo_get_int(&price, "amount", &place.number));
		break;
	case ITEM_BY_AGE:
		TRY(mongo_get_time(document, "created_at", &place.number));
		break;
	}
	*out = place;
	return ERR_OK;
}

struct places {
	struct arena *arena;
	const struct search_order *order;
	struct page_key *list;
	size_t count;
};

static enum err
add_place(void *context, const bson_t *document, bool *stop)
{
	struct places *places = context;
	struct page_key place;

	(void)stop;
	TRY(search_place(document, places->order, &place));
	if (place.text != NULL) {
		place.text = arena_strdup(places->arena, place.text);
		TRY_ALLOC(place.text);
	}
	places->list[places->count++] = place;
	return ERR_OK;
}

static int
compare_up(const void *a, const void *b)
{
	return item_place_compare(a, b);
}

static int
compare_down(const void *a, const void *b)
{
	return item_place_compare(b, a);
}

static void
sort_places(struct places *places)
{
	if (places->count > 0)
		qsort(places->list, places->count, sizeof(*places->list),
		    places->order->down ? compare_down : compare_up);
}

struct part { /* of a list */
	const struct search_order *order;
	const char *key;
	unsigned level;
	struct search_bounds bounds;
	bool with_rest;
};

/* What is in PART, as places of WANTED, in no order; they share the run's one room. */
static enum err
find_places(struct search_run *run, const struct part *part, const struct search_order *wanted,
    struct places *out)
{
	auto_bson bson_t *fields = BCON_NEW(
	    "created_at", BCON_INT32(1), "price.amount", BCON_INT32(1), "name_key", BCON_INT32(1));
	auto_bson bson_t *query = NULL;
	struct mongo_find find = {.fields = fields, .limit = ITEM_PLACES_MAX};
	struct places places = {.arena = run->arena, .order = wanted, .list = run->places};

	TRY(search_query(run->arena, part->order, part->level, part->key, run->filter,
	    &part->bounds, part->with_rest, &query));
	find.filter = query;
	TRY(item_look(run, &find, add_place, &places));
	*out = places;
	return ERR_OK;
}

#define ENOUGH 4 /* to tell more from less by */

/* How many of LEVEL stand for COUNT of the list itself. */
static int64_t
times_level(int64_t count, unsigned level)
{
	for (; level > 0; level--)
		count *= ITEM_LEVEL_STEP;
	return count;
}

enum err
item_estimate(
    struct search_run *run, const struct search_order *order, const char *key, int64_t *size)
{
	struct part part = {.order = order, .key = key, .level = ITEM_LEVELS - 1};
	struct places places;

	for (;;) {
		TRY(find_places(run, &part, order, &places));
		if (places.count >= ENOUGH || part.level == 1)
			break;
		part.level--;
	}
	*size = times_level((int64_t)places.count, part.level);
	return ERR_OK;
}

enum err
item_reach(struct search_run *run, const struct search_order *order, const char *key,
    const struct search_bounds *bounds, int64_t want, struct page_key *end, bool *far)
{
	struct part part = {.order = order, .key = key, .bounds = *bounds};

	part.bounds.has_before = false;
	for (unsigned level = ITEM_LEVELS - 1; level > 0; level--) {
		/* More than stand for so many on the average. */
		size_t nth = (size_t)(want / times_level(1, level)) + (level > 1 ? 1 : 2);
		struct places places;

		part.level = level;
		TRY(find_places(run, &part, order, &places));
		if (places.count <= nth)
			continue;
		sort_places(&places);
		part.bounds.has_before = true;
		part.bounds.before = places.list[nth];
	}
	*far = part.bounds.has_before;
	if (*far)
		*end = part.bounds.before;
	return ERR_OK;
}

/* Those of PLACES that the page shows, at its front, in order; *cut: there are more. */
static void
choose_page(const struct search_run *run, struct places *places, bool *cut)
{
	const struct page_key after = {
	    .number = run->page->after_number,
	    .text = run->page->after_text,
	    .id = run->page->after_id,
	};
	size_t room = (size_t)(run->page->limit + 1 - run->visited);
	size_t kept = 0;

	for (size_t i = 0; i < places->count; i++) {
		int order = item_place_compare(&places->list[i], &after);

		if (!run->page->has_after || (places->order->down ? order < 0 : order > 0))
			places->list[kept++] = places->list[i];
	}
	places->count = kept;
	sort_places(places);
	*cut = kept > room;
	if (*cut)
		places->count = room;
}

struct fetched {
	const struct places *places;
	bson_t *documents[PAGE_LIMIT_MAX + 1];
};

static enum err
keep_document(void *context, const bson_t *document, bool *stop)
{
	struct fetched *fetched = context;
	struct id id;

	(void)stop;
	TRY(mongo_get_id(document, "_id", &id));
	for (size_t i = 0; i < fetched->places->count; i++) {
		if (!id_equal(&fetched->places->list[i].id, &id) || fetched->documents[i] != NULL)
			continue;
		fetched->documents[i] = bson_copy(document);
		TRY_ALLOC(fetched->documents[i]);
	}
	return ERR_OK;
}

static bson_t *
ids_query(const struct places *places)
{
	bson_t *query = bson_new();
	struct mongo_list in;
	bson_t id;
	bool fits =
	    BSON_APPEND_DOCUMENT_BEGIN(query, "_id", &id) && mongo_list_begin(&id, "$in", &in);

	for (size_t i = 0; fits && i < places->count; i++)
		fits = mongo_list_put_text(&in, places->list[i].id.text);
	if (fits && mongo_list_end(&id, &in) && bson_append_document_end(query, &id) &&
	    mongo_put_text(query, "status", item_status_text(ITEM_ACTIVE)))
		return query;
	bson_destroy(query);
	return NULL;
}

/* What changed meanwhile is shown as it is; what has gone is left out. */
static enum err
show_places(struct search_run *run, const struct places *places,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context, bool *stop)
{
	auto_bson bson_t *query = ids_query(places);
	auto_bson bson_t *fields = item_fields_new();
	const struct mongo_find find = {
	    .filter = query, .fields = fields, .limit = PAGE_LIMIT_MAX + 1};
	struct fetched fetched = {.places = places};
	enum err err;

	TRY_ALLOC(query);
	err = item_look(run, &find, keep_document, &fetched);
	for (size_t i = 0; i < places->count; i++) {
		if (err == ERR_OK && !*stop && fetched.documents[i] != NULL) {
			run->visited++;
			err = each(context, fetched.documents[i], stop);
		}
		bson_destroy(fetched.documents[i]);
	}
	return err;
}

enum err
item_gather(struct search_run *run, const struct search_order *order, const char *key,
    const struct search_bounds *bounds, const struct search_order *wanted,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context,
    struct page_key *resume, bool *more, bool *far)
{
	const struct part part = {.order = order, .key = key, .bounds = *bounds, .with_rest = true};
	struct places places;
	bool stop = false;
	bool cut;

	TRY(find_places(run, &part, wanted, &places));
	*more = false;
	*far = places.count == ITEM_PLACES_MAX;
	if (*far) {
		*resume = places.list[places.count / 2];
		return ERR_OK;
	}
	choose_page(run, &places, &cut);
	if (places.count == 0)
		return ERR_OK;
	TRY(show_places(run, &places, each, context, &stop));
	*more = cut && !stop;
	if (*more) /* some of it was gone when it was fetched */
		*resume = places.list[places.count - 1];
	return ERR_OK;
}
