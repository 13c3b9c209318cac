#include "fcgi/items/item_gather.h"

#include <stdlib.h>
#include <string.h>

#include "shared/infra/mongo_read.h"

enum err
search_look(const struct search_run *run, const struct mongo_find *find,
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
	if (str_equal(order->index, ITEMS_BY_NAME)) {
		TRY(mongo_get_text(document, "name_key", &place.text));
	} else if (str_equal(order->index, ITEMS_BY_PRICE)) {
		TRY(mongo_get_document(document, "price", &price));
		TRY(mongo_get_int(&price, "amount", &place.number));
	} else {
		TRY(mongo_get_time(document, "created_at", &place.number));
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

static bson_t *
place_fields(void)
{
	return BCON_NEW(
	    "created_at", BCON_INT32(1), "price.amount", BCON_INT32(1), "name_key", BCON_INT32(1));
}

enum err
search_far(const struct search_run *run, const struct search_order *order, const char *key,
    const struct search_bounds *bounds, struct page_key *end, bool *far)
{
	auto_bson bson_t *query = search_query(order, key, run->filter, bounds, false);
	auto_bson bson_t *sort = search_sort(order);
	auto_bson bson_t *fields = place_fields();
	const struct mongo_find find = {
	    .filter = query,
	    .sort = sort,
	    .fields = fields,
	    .hint = order->index,
	    .skip = ITEM_LOOK_MAX,
	    .limit = 1,
	};
	struct places places = {.arena = run->arena, .order = order, .list = end};

	TRY_ALLOC(query);
	TRY(search_look(run, &find, add_place, &places));
	*far = places.count > 0;
	return ERR_OK;
}

static int
compare_places(const struct page_key *a, const struct page_key *b, bool down)
{
	int order;

	if (a->text != NULL && b->text != NULL)
		order = strcmp(a->text, b->text);
	else
		order = (a->number > b->number) - (a->number < b->number);
	if (order == 0)
		order = strcmp(a->id.text, b->id.text);
	return down ? -order : order;
}

static int
compare_up(const void *a, const void *b)
{
	return compare_places(a, b, false);
}

static int
compare_down(const void *a, const void *b)
{
	return compare_places(a, b, true);
}

/* Those of PLACES that the page shows, at its front, in order. */
static void
choose_page(const struct search_run *run, struct places *places)
{
	const struct page_key after = {
	    .number = run->page->after_number,
	    .text = run->page->after_text,
	    .id = run->page->after_id,
	};
	size_t kept = 0;

	for (size_t i = 0; i < places->count; i++)
		if (!run->page->has_after ||
		    compare_places(&places->list[i], &after, places->order->down) > 0)
			places->list[kept++] = places->list[i];
	if (kept > 0)
		qsort(places->list, kept, sizeof(*places->list),
		    places->order->down ? compare_down : compare_up);
	places->count = kept;
	if (places->count > (size_t)run->page->limit + 1)
		places->count = (size_t)run->page->limit + 1;
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
	bson_t id, in;
	bool fits = BSON_APPEND_DOCUMENT_BEGIN(query, "_id", &id) &&
	    BSON_APPEND_ARRAY_BEGIN(&id, "$in", &in);

	for (size_t i = 0; fits && i < places->count; i++) {
		char text[16];
		const char *at;

		bson_uint32_to_string((uint32_t)i, &at, text, sizeof(text));
		fits = mongo_put_text(&in, at, places->list[i].id.text);
	}
	if (fits && bson_append_array_end(&id, &in) && bson_append_document_end(query, &id) &&
	    mongo_put_text(query, "status", item_status_text(ITEM_ACTIVE)))
		return query;
	bson_destroy(query);
	return NULL;
}

/* What changed meanwhile is shown as it is; what has gone is left out. */
static enum err
show_places(const struct search_run *run, const struct places *places,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context)
{
	auto_bson bson_t *query = ids_query(places);
	auto_bson bson_t *fields = item_fields_new();
	const struct mongo_find find = {
	    .filter = query, .fields = fields, .limit = PAGE_LIMIT_MAX + 1};
	struct fetched fetched = {.places = places};
	bool stop = false;
	enum err err;

	TRY_ALLOC(query);
	err = search_look(run, &find, keep_document, &fetched);
	for (size_t i = 0; i < places->count; i++) {
		if (err == ERR_OK && !stop && fetched.documents[i] != NULL)
			err = each(context, fetched.documents[i], &stop);
		bson_destroy(fetched.documents[i]);
	}
	return err;
}

enum err
item_gather(const struct search_run *run, const struct search_order *order, const char *key,
    const struct search_order *wanted,
    enum err (*each)(void *context, const bson_t *document, bool *stop), void *context,
    struct page_key *resume, bool *more)
{
	const struct search_bounds none = {.has_after = false};
	auto_bson bson_t *query = search_query(order, key, run->filter, &none, true);
	auto_bson bson_t *fields = place_fields();
	const struct mongo_find find = {
	    .filter = query, .fields = fields, .hint = order->index, .limit = ITEM_LOOK_MAX};
	struct places places = {.arena = run->arena, .order = wanted};

	TRY_ALLOC(query);
	places.list = arena_array(run->arena, ITEM_LOOK_MAX, sizeof(*places.list));
	TRY_ALLOC(places.list);
	TRY(search_look(run, &find, add_place, &places));
	choose_page(run, &places);
	*more = places.count > (size_t)run->page->limit;
	if (*more) /* told by what was gathered: some of it may be gone when it is fetched */
		*resume = places.list[run->page->limit - 1];
	return places.count > 0 ? show_places(run, &places, each, context) : ERR_OK;
}
