#include "fcgi/items/items_outbox.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "fcgi/items/embedded.h"
#include "fcgi/items/item_store.h"
#include "fcgi/items/order_store.h"
#include "fcgi/items/relay_store.h"
#include "shared/infra/mongo_read.h"

#define STEP_DEADLINE_MS 5000
#define LEASE_MS         15000 /* longer than a batch takes */
#define RETRY_MS         3000  /* what was not confirmed lets others go first */
#define GATHER_MS        20    /* after a wake: one batch then tells of many purchases */
#define FETCH_MAX_BYTES  ((size_t)8 << 20)

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

struct gathering {
	struct arena *arena;
	int collection;
	struct outbox_event *events;
	size_t count, max;
	size_t bytes;
	struct mongo_list left; /* documents that found no room, or have nothing to tell */
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
	bool found = false;
	struct id id;

	*stop = false;
	TRY(mongo_get_id(document, "_id", &id));
	TRY(mongo_array_begin(document, "pending_events", &array));
	while (!is_full(gathering) && mongo_array_next(&array)) {
		bson_t element;

		TRY(mongo_array_document(&array, &element));
		TRY(gather_event(gathering, &id, &element));
		found = true;
	}
	return found || mongo_list_put_text(&gathering->left, id.text) ? ERR_OK : ERR_MEMORY;
}

/* What was found due, as far as this relay could take it and has room for it. */
static enum err
take(struct items_outbox *outbox, const struct deadline *deadline, int64_t now_ms,
    const struct mongo_list *found, struct gathering *gathering)
{
	mongoc_collection_t *collection = outbox->collections[gathering->collection];
	const struct mongo_list none = {.count = 0};
	struct id token;

	id_new(now_ms, &token);
	TRY(relay_store_lease(collection, deadline, now_ms, now_ms + LEASE_MS, found, &token));
	TRY(relay_store_each_leased(collection, deadline, found, &token, gather_events, gathering));
	if (gathering->left.count == 0)
		return ERR_OK;
	return relay_store_settle(collection, deadline, &gathering->left, &none, now_ms);
}

static enum err
fetch_from(struct items_outbox *outbox, struct gathering *gathering)
{
	struct deadline deadline = deadline_in(outbox->clock, STEP_DEADLINE_MS);
	int64_t now_ms = clock_now_ms(outbox->clock);
	struct mongo_list found;
	enum err err;

	mongo_list_init(&found);
	mongo_list_init(&gathering->left);
	err = relay_store_find(outbox->collections[gathering->collection], &deadline, now_ms,
	    gathering->max - gathering->count, &found);
	if (err == ERR_OK && found.count > 0)
		err = take(outbox, &deadline, now_ms, &found, gathering);
	mongo_list_fini(&gathering->left);
	mongo_list_fini(&found);
	return err;
}

static enum err
fetch(void *context, struct arena *arena, struct outbox_event *events, size_t max, size_t *count)
{
	struct gathering gathering = {.arena = arena, .events = events, .max = max};

	for (; gathering.collection < COLLECTION_COUNT; gathering.collection++)
		if (!is_full(&gathering))
			TRY(fetch_from(context, &gathering));
	*count = gathering.count;
	return ERR_OK;
}

/* The events of COLLECTION that are CONFIRMED, or that are not. */
static enum err
settle_some(struct items_outbox *outbox, int collection, bool confirmed,
    const struct outbox_event *events, size_t count)
{
	struct deadline deadline = deadline_in(outbox->clock, STEP_DEADLINE_MS);
	int64_t due_ms = clock_now_ms(outbox->clock) + (confirmed ? 0 : RETRY_MS);
	struct mongo_list documents;
	struct mongo_list ids;
	bool fits = true;
	enum err err = ERR_OK;

	mongo_list_init(&documents);
	mongo_list_init(&ids);
	for (size_t i = 0; fits && i < count; i++) {
		const struct origin *origin = events[i].reference;

		if (origin->collection != collection || events[i].confirmed != confirmed)
			continue;
		fits = mongo_list_put_text(&documents, origin->document.text) &&
		    (!confirmed || mongo_list_put_text(&ids, events[i].id.text));
	}
	if (!fits)
		err = ERR_MEMORY;
	else if (documents.count > 0)
		err = relay_store_settle(
		    outbox->collections[collection], &deadline, &documents, &ids, due_ms);
	mongo_list_fini(&documents);
	mongo_list_fini(&ids);
	return err;
}

/* What is not confirmed comes last: its document may have events that are. */
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
depth(void *context, int64_t *count, int64_t *oldest_ms)
{
	struct items_outbox *outbox = context;
	struct deadline deadline = deadline_in(outbox->clock, STEP_DEADLINE_MS);
	int64_t now_ms = clock_now_ms(outbox->clock);
	int64_t oldest_at_ms = now_ms;
	int64_t sum = 0;

	for (int i = 0; i < COLLECTION_COUNT; i++) {
		int64_t waiting;

		TRY(relay_store_depth(outbox->collections[i], &deadline, &waiting, &oldest_at_ms));
		sum += waiting;
	}
	*count = sum;
	*oldest_ms = now_ms - oldest_at_ms;
	return ERR_OK;
}

static enum err
wait(void *context, int64_t timeout_ms, int wake_fd)
{
	const struct timespec gather = {0, GATHER_MS * 1000000L};
	struct pollfd wake = {.fd = wake_fd, .events = POLLIN};

	(void)context;
	if (poll(&wake, 1, (int)timeout_ms) > 0)
		(void)nanosleep(&gather, NULL);
	return ERR_OK;
}

struct outbox_source
items_outbox_source(struct items_outbox *outbox)
{
	return (struct outbox_source){
	    .context = outbox,
	    .fetch = fetch,
	    .settle = settle,
	    .wait = wait,
	    .depth = depth,
	};
}
