#include "fcgi/items/items_outbox.h"

#include <stdlib.h>

#include "fcgi/items/embedded.h"
#include "fcgi/items/item_store.h"
#include "fcgi/items/order_store.h"
#include "shared/infra/mongo_read.h"

#define STEP_DEADLINE_MS 5000
#define LEASE_MS         15000 /* longer than a batch takes */
#define RETRY_MS         3000  /* what was not confirmed lets others go first */
#define FETCH_MAX_BYTES  ((size_t)8 << 20)
#define DEPTH_MAX        100000

enum { FROM_ORDERS, FROM_ITEMS, COLLECTION_COUNT };

struct items_outbox {
	const struct clock *clock;
	struct mongo mongo;
	mongoc_collection_t *collections[COLLECTION_COUNT];
};

/* Where an event came from. */
struct origin {
	int collection;
	struct id document;
};

enum err
items_outbox_new(struct mongo_pool *pool, const struct clock *clock, struct items_outbox **out)
{
	struct items_outbox *outbox = calloc(1, sizeof(*outbox));
	enum err err;

	TRY_ALLOC(outbox);
	outbox->clock = clock;
	err = mongo_open(pool, &outbox->mongo);
	if (err != ERR_OK) {
		free(outbox);
		return err;
	}
	outbox->collections[FROM_ORDERS] = mongo_collection(&outbox->mongo, ORDERS_COLLECTION);
	outbox->collections[FROM_ITEMS] = mongo_collection(&outbox->mongo, ITEMS_COLLECTION);
	*out = outbox;
	return ERR_OK;
}

void
items_outbox_free(struct items_outbox **outbox)
{
	if (*outbox == NULL)
		return;
	for (int i = 0; i < COLLECTION_COUNT; i++)
		mongoc_collection_destroy((*outbox)->collections[i]);
	mongo_close(&(*outbox)->mongo);
	free(*outbox);
	*outbox = NULL;
}

/* A list of ids as {NAME: {$in: [...]}}, built while walking. */
struct id_list {
	bson_t array;
	uint32_t count;
};

static bool
id_list_add(struct id_list *list, const char *id)
{
	char text[16];
	const char *at;

	bson_uint32_to_string(list->count++, &at, text, sizeof(text));
	return mongo_put_text(&list->array, at, id);
}

static bool
put_in(bson_t *document, const char *name, const struct id_list *list)
{
	bson_t in;

	return bson_append_document_begin(document, name, -1, &in) &&
	    BSON_APPEND_ARRAY(&in, "$in", &list->array) && bson_append_document_end(document, &in);
}

/* Events wait, and no relay holds the document.  Comparing with the first of all times keeps the
 * search inside the index. */
static void
append_waiting(bson_t *filter, int64_t now_ms)
{
	BCON_APPEND(filter, "pending_events.at", "{", "$gt", BCON_DATE_TIME(0), "}", "relay.until",
	    "{", "$not", "{", "$gt", BCON_DATE_TIME(now_ms), "}", "}");
}

static enum err
gather_id(void *context, const bson_t *document, bool *stop)
{
	struct id_list *list = context;
	const char *id;

	*stop = false;
	TRY(mongo_get_text(document, "_id", &id));
	return id_list_add(list, id) ? ERR_OK : ERR_MEMORY;
}

static enum err
find_candidates(mongoc_collection_t *collection, const struct deadline *deadline, int64_t now_ms,
    size_t max, struct id_list *out)
{
	auto_bson bson_t *filter = bson_new();
	auto_bson bson_t *fields = BCON_NEW("_id", BCON_INT32(1));
	auto_bson bson_t *sort = BCON_NEW("pending_events.at", BCON_INT32(1));
	const struct mongo_find find = {
	    .filter = filter,
	    .fields = fields,
	    .sort = sort,
	    .limit = (int64_t)max,
	};

	append_waiting(filter, now_ms);
	return mongo_find_each(collection, deadline, &find, gather_id, out);
}

static enum err
lease(mongoc_collection_t *collection, const struct deadline *deadline, int64_t now_ms,
    const struct id_list *candidates, const struct id *token)
{
	auto_bson bson_t *filter = bson_new();
	auto_bson bson_t *update = BCON_NEW("$set", "{", "relay", "{", "token",
	    BCON_UTF8(token->text), "until", BCON_DATE_TIME(now_ms + LEASE_MS), "}", "}");
	int64_t matched;

	if (!put_in(filter, "_id", candidates))
		return ERR_MEMORY;
	append_waiting(filter, now_ms);
	return mongo_update_many(collection, deadline, MONGO_FAST, filter, update, &matched);
}

struct gathering {
	struct arena *arena;
	int collection;
	struct outbox_event *events;
	size_t count, max;
	size_t bytes;
	struct id_list left; /* documents that found no room */
};

static bool
is_full(const struct gathering *gathering)
{
	return gathering->count == gathering->max || gathering->bytes >= FETCH_MAX_BYTES;
}

static enum err
gather_event(struct gathering *gathering, const struct id *document, const bson_t *element)
{
	struct origin *origin = arena_alloc(gathering->arena, sizeof(*origin));
	struct pending_event event;

	TRY_ALLOC(origin);
	*origin = (struct origin){.collection = gathering->collection, .document = *document};
	TRY(embedded_get_event(gathering->arena, element, &event));
	gathering->bytes += event.body.len;
	gathering->events[gathering->count++] = (struct outbox_event){
	    .id = event.id,
	    .type = event.type,
	    .traceparent = event.traceparent,
	    .body = event.body,
	    .reference = origin,
	};
	return ERR_OK;
}

static enum err
gather_events(void *context, const bson_t *document, bool *stop)
{
	struct gathering *gathering = context;
	struct mongo_array array;
	struct id id;

	*stop = false;
	TRY(mongo_get_id(document, "_id", &id));
	if (is_full(gathering))
		return id_list_add(&gathering->left, id.text) ? ERR_OK : ERR_MEMORY;
	TRY(mongo_array_begin(document, "pending_events", &array));
	while (!is_full(gathering) && mongo_array_next(&array)) {
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(gather_event(gathering, &id, &element));
	}
	return ERR_OK;
}

static enum err
read_leased(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct id_list *candidates, const struct id *token, struct gathering *gathering)
{
	auto_bson bson_t *filter = bson_new();
	auto_bson bson_t *fields = BCON_NEW("pending_events", BCON_INT32(1));
	auto_bson bson_t *sort = BCON_NEW("pending_events.at", BCON_INT32(1));
	const struct mongo_find find = {
	    .filter = filter,
	    .fields = fields,
	    .sort = sort,
	    .limit = (int64_t)candidates->count,
	};

	if (!put_in(filter, "_id", candidates))
		return ERR_MEMORY;
	BCON_APPEND(filter, "relay.token", BCON_UTF8(token->text));
	return mongo_find_each(collection, deadline, &find, gather_events, gathering);
}

/* Forgets EVENTS, and lets DOCUMENTS be fetched again from UNTIL_MS on. */
static enum err
update_settled(mongoc_collection_t *collection, const struct deadline *deadline,
    const struct id_list *documents, const struct id_list *events, int64_t until_ms)
{
	auto_bson bson_t *filter = bson_new();
	auto_bson bson_t *update =
	    BCON_NEW("$set", "{", "relay.until", BCON_DATE_TIME(until_ms), "}");
	bson_t pull, list;
	int64_t matched;
	bool fits = put_in(filter, "_id", documents);

	if (fits && events->count > 0)
		fits = BSON_APPEND_DOCUMENT_BEGIN(update, "$pull", &pull) &&
		    BSON_APPEND_DOCUMENT_BEGIN(&pull, "pending_events", &list) &&
		    put_in(&list, "id", events) && bson_append_document_end(&pull, &list) &&
		    bson_append_document_end(update, &pull);
	if (!fits)
		return ERR_MEMORY;
	return mongo_update_many(collection, deadline, MONGO_MAJORITY, filter, update, &matched);
}

static enum err
fetch_from(struct items_outbox *outbox, int collection, struct gathering *gathering)
{
	struct deadline deadline = deadline_in(outbox->clock, STEP_DEADLINE_MS);
	int64_t now_ms = clock_now_ms(outbox->clock);
	const struct id_list nothing = {.count = 0};
	struct id_list candidates = {.count = 0};
	struct id token;
	enum err err;

	if (is_full(gathering))
		return ERR_OK;
	gathering->collection = collection;
	id_new(now_ms, &token);
	bson_init(&candidates.array);
	bson_init(&gathering->left.array);
	gathering->left.count = 0;
	err = find_candidates(outbox->collections[collection], &deadline, now_ms,
	    gathering->max - gathering->count, &candidates);
	if (err == ERR_OK && candidates.count > 0)
		err =
		    lease(outbox->collections[collection], &deadline, now_ms, &candidates, &token);
	if (err == ERR_OK && candidates.count > 0)
		err = read_leased(
		    outbox->collections[collection], &deadline, &candidates, &token, gathering);
	if (err == ERR_OK && gathering->left.count > 0)
		err = update_settled(
		    outbox->collections[collection], &deadline, &gathering->left, &nothing, now_ms);
	bson_destroy(&gathering->left.array);
	bson_destroy(&candidates.array);
	return err;
}

static enum err
fetch(void *context, struct arena *arena, struct outbox_event *events, size_t max, size_t *count)
{
	struct items_outbox *outbox = context;
	struct gathering gathering = {.arena = arena, .events = events, .max = max};

	for (int i = 0; i < COLLECTION_COUNT; i++)
		TRY(fetch_from(outbox, i, &gathering));
	*count = gathering.count;
	return ERR_OK;
}

/* The events of COLLECTION that are CONFIRMED, or that are not. */
static enum err
settle_some(struct items_outbox *outbox, int collection, bool confirmed,
    const struct outbox_event *events, size_t count)
{
	struct deadline deadline = deadline_in(outbox->clock, STEP_DEADLINE_MS);
	struct id_list documents = {.count = 0};
	struct id_list ids = {.count = 0};
	bool fits = true;
	enum err err = ERR_OK;

	bson_init(&documents.array);
	bson_init(&ids.array);
	for (size_t i = 0; fits && i < count; i++) {
		const struct origin *origin = events[i].reference;

		if (origin->collection != collection || events[i].confirmed != confirmed)
			continue;
		fits = id_list_add(&documents, origin->document.text) &&
		    (!confirmed || id_list_add(&ids, events[i].id.text));
	}
	if (!fits)
		err = ERR_MEMORY;
	else if (documents.count > 0)
		err = update_settled(outbox->collections[collection], &deadline, &documents, &ids,
		    clock_now_ms(outbox->clock) + (confirmed ? 0 : RETRY_MS));
	bson_destroy(&documents.array);
	bson_destroy(&ids.array);
	return err;
}

static enum err
settle(void *context, const struct outbox_event *events, size_t count)
{
	for (int i = 0; i < COLLECTION_COUNT; i++) {
		TRY(settle_some(context, i, true, events, count));
		TRY(settle_some(context, i, false, events, count));
	}
	return ERR_OK;
}

static enum err
read_oldest(void *context, const bson_t *document, bool *stop)
{
	int64_t *oldest_ms = context;
	struct mongo_array array;

	*stop = true;
	TRY(mongo_array_begin(document, "pending_events", &array));
	while (mongo_array_next(&array)) {
		bson_t element;
		int64_t at_ms;

		TRY(mongo_array_document(&array, &element));
		TRY(mongo_get_time(&element, "at", &at_ms));
		if (at_ms < *oldest_ms)
			*oldest_ms = at_ms;
	}
	return ERR_OK;
}

static enum err
depth(void *context, int64_t *count, int64_t *oldest_ms)
{
	struct items_outbox *outbox = context;
	struct deadline deadline = deadline_in(outbox->clock, STEP_DEADLINE_MS);
	auto_bson bson_t *filter =
	    BCON_NEW("pending_events.at", "{", "$gt", BCON_DATE_TIME(0), "}");
	auto_bson bson_t *fields = BCON_NEW("pending_events.at", BCON_INT32(1));
	auto_bson bson_t *sort = BCON_NEW("pending_events.at", BCON_INT32(1));
	const struct mongo_find find = {
	    .filter = filter,
	    .fields = fields,
	    .sort = sort,
	    .limit = 1,
	};
	int64_t now_ms = clock_now_ms(outbox->clock);
	int64_t first_ms = now_ms;
	int64_t sum = 0;

	for (int i = 0; i < COLLECTION_COUNT; i++) {
		int64_t waiting;

		TRY(mongo_count(outbox->collections[i], &deadline, filter, DEPTH_MAX, &waiting));
		sum += waiting;
		if (waiting > 0)
			TRY(mongo_find_each(
			    outbox->collections[i], &deadline, &find, read_oldest, &first_ms));
	}
	*count = sum;
	*oldest_ms = now_ms - first_ms;
	return ERR_OK;
}

struct outbox_source
items_outbox_source(struct items_outbox *outbox)
{
	return (struct outbox_source){
	    .context = outbox,
	    .fetch = fetch,
	    .settle = settle,
	    .depth = depth,
	};
}
