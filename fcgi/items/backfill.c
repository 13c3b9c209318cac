#include "fcgi/items/backfill.h"

#include <stdio.h>
#include <time.h>

#include "fcgi/items/item_store.h"
#include "fcgi/items/order_document.h"
#include "fcgi/items/order_store.h"
#include "shared/base/log.h"
#include "shared/base/macros.h"
#include "shared/infra/mongo_read.h"

#define BATCH        100
#define ARENA_BYTES  ((size_t)4 << 20)
#define NAME_SIZE    32
#define RELAY_DUE_MS 1 /* long ago */
/* Looks in a row that bring nothing, each of which waits for a server as long as the pool does. */
#define LOST_MAX      10
#define LOST_PAUSE_MS 200

#define auto_arena AUTO_OF(arena_free)

struct kind {
	const char *collection;
	/* Appends what is derived from DOCUMENT to SET. */
	enum err (*derive)(struct arena *arena, const bson_t *document, bson_t *set);
	const char *shard;           /* a field that the shard is known by, besides _id */
	const char *const *obsolete; /* what earlier forms had */
};

static enum err
derive_item(struct arena *arena, const bson_t *document, bson_t *set)
{
	struct item_index index;
	struct item item;

	TRY(item_from_document(arena, document, &item));
	TRY(item_index_make(arena, &item, &index));
	return item_put_index(set, &index) ? ERR_OK : ERR_MEMORY;
}

static enum err
derive_order(struct arena *arena, const bson_t *document, bson_t *set)
{
	struct order order;

	TRY(order_from_document(arena, document, &order));
	return order_put_status(set, &order) && order_put_sales(set, &order) ? ERR_OK : ERR_MEMORY;
}

static const char *const item_obsolete[] = {"keys", "facets", NULL};
static const char *const order_obsolete[] = {NULL};

static const struct kind kinds[] = {
    {ITEMS_COLLECTION, derive_item, "seller_id", item_obsolete},
    {ORDERS_COLLECTION, derive_order, "buyer_id", order_obsolete},
};

struct walk {
	const struct kind *kind;
	const struct deadline *deadline;
	struct arena *arena;
	mongoc_collection_t *documents;
	mongoc_collection_t *progress;
	char name[NAME_SIZE];
	struct id after;
	int64_t count;
};

static bool
put_obsolete(bson_t *update, const struct kind *kind)
{
	bool fits = true;
	bson_t unset;

	if (kind->obsolete[0] == NULL)
		return true;
	fits = BSON_APPEND_DOCUMENT_BEGIN(update, "$unset", &unset);
	for (const char *const *name = kind->obsolete; fits && *name != NULL; name++)
		fits = mongo_put_text(&unset, *name, "");
	return fits && bson_append_document_end(update, &unset);
}

static enum err
make_update(const struct walk *walk, const bson_t *document, bson_t *update)
{
	bson_t set;
	enum err err;

	if (!BSON_APPEND_DOCUMENT_BEGIN(update, "$set", &set))
		return ERR_MEMORY;
	err = walk->kind->derive(walk->arena, document, &set);
	/* The first form's events waited without being due. */
	if (err == ERR_OK && mongo_array_count(document, "pending_events") > 0 &&
	    !mongo_has(document, "relay") &&
	    !BSON_APPEND_DATE_TIME(&set, "relay.due", RELAY_DUE_MS))
		err = ERR_MEMORY;
	if (!bson_append_document_end(update, &set) || !put_obsolete(update, walk->kind))
		return ERR_MEMORY;
	return err;
}

/* *written false: it was changed meanwhile. */
static enum err
try_document(const struct walk *walk, const struct id *id, const bson_t *document, bool *written)
{
	auto_bson bson_t *update = bson_new();
	auto_bson bson_t *filter = NULL;
	const char *shard;
	int64_t version;
	enum err err = make_update(walk, document, update);

	arena_reset(walk->arena);
	TRY(err);
	TRY(mongo_get_text(document, walk->kind->shard, &shard));
	TRY(mongo_get_int(document, "version", &version));
	filter = BCON_NEW("_id", BCON_UTF8(id->text), walk->kind->shard, BCON_UTF8(shard),
	    "version", BCON_INT64(version));
	return mongo_update_one(walk->documents, walk->deadline, filter, update, written);
}

static enum err
bring_document(const struct walk *walk, const struct id *id, const bson_t *seen)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(id->text));
	bool written;

	TRY(try_document(walk, id, seen, &written));
	while (!written) { /* ends by the deadline */
		auto_bson bson_t *now = NULL;

		TRY(mongo_find_one(walk->documents, walk->deadline, filter, NULL, &now));
		if (now == NULL)
			return ERR_OK;
		TRY(try_document(walk, id, now, &written));
	}
	return ERR_OK;
}

static enum err
note(const struct walk *walk, bool done)
{
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(walk->name));
	auto_bson bson_t *update = BCON_NEW("$max", "{", "after", BCON_UTF8(walk->after.text),
	    "done", BCON_BOOL(done), "}"); /* another pod may be further on */
	bool matched;

	return mongo_update_one(walk->progress, walk->deadline, filter, update, &matched);
}

static enum err
each_document(void *context, const bson_t *document, bool *stop)
{
	struct walk *walk = context;
	struct id id;
	enum err err;

	(void)stop;
	TRY(mongo_get_id(document, "_id", &id));
	err = bring_document(walk, &id, document);
	if (err == ERR_CORRUPT)
		log_error("a document can't be brought up to date",
		    LOG_TEXT("collection", walk->kind->collection), LOG_TEXT("id", id.text));
	TRY(err);
	walk->after = id;
	return ++walk->count % BATCH == 0 ? note(walk, false) : ERR_OK;
}

/* How far any pod came before. */
static enum err
begin(struct walk *walk, bool *done)
{
	auto_bson bson_t *document = BCON_NEW(
	    "_id", BCON_UTF8(walk->name), "after", BCON_UTF8(""), "done", BCON_BOOL(false));
	auto_bson bson_t *filter = BCON_NEW("_id", BCON_UTF8(walk->name));
	auto_bson bson_t *found = NULL;
	const char *after;
	bson_iter_t iter;
	enum err err = mongo_insert(walk->progress, walk->deadline, document);

	if (err != ERR_CONFLICT)
		TRY(err);
	TRY(mongo_find_one(walk->progress, walk->deadline, filter, NULL, &found));
	if (found == NULL || !bson_iter_init_find(&iter, found, "done"))
		return ERR_CORRUPT;
	*done = bson_iter_as_bool(&iter);
	TRY(mongo_get_text(found, "after", &after));
	return *after == '\0' ? ERR_OK : id_parse(after, &walk->after);
}

/* A store that reads all behind a place, even to sort and limit it, does that once this way. */
static enum err
look(struct walk *walk)
{
	auto_bson bson_t *sort = BCON_NEW("_id", BCON_INT32(1));
	auto_bson bson_t *filter = BCON_NEW("_id", "{", "$gt", BCON_UTF8(walk->after.text), "}");
	const struct mongo_find find = {
	    .filter = filter, .sort = sort, .limit = INT64_MAX, .batch = BATCH};

	return mongo_find_each(walk->documents, walk->deadline, &find, each_document, walk);
}

/* A server that goes away takes the look with it. */
static enum err
look_until_done(struct walk *walk)
{
	const struct timespec pause = {0, LOST_PAUSE_MS * 1000000L};
	enum err err = ERR_UNAVAILABLE;

	for (int lost = 0; err == ERR_UNAVAILABLE && lost < LOST_MAX; lost++) {
		int64_t came = walk->count;

		if (lost > 0)
			(void)nanosleep(&pause, NULL);
		err = look(walk);
		if (walk->count > came)
			lost = 0;
	}
	return err;
}

static enum err
go(struct walk *walk)
{
	bool done = false;

	TRY(begin(walk, &done));
	if (done)
		return ERR_OK;
	TRY(look_until_done(walk));
	TRY(note(walk, true));
	if (walk->count > 0)
		log_info("documents are up to date", LOG_TEXT("form", walk->name),
		    LOG_INT("documents", walk->count));
	return ERR_OK;
}

enum err
backfill_run(const struct mongo *mongo, const struct deadline *deadline)
{
	auto_arena struct arena *arena = NULL;

	TRY(arena_new(ARENA_BYTES, &arena));
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		auto_collection mongoc_collection_t *documents =
		    mongo_collection(mongo, kinds[i].collection);
		auto_collection mongoc_collection_t *progress =
		    mongo_collection(mongo, BACKFILLS_COLLECTION);
		struct walk walk = {
		    .kind = &kinds[i],
		    .deadline = deadline,
		    .arena = arena,
		    .documents = documents,
		    .progress = progress,
		};

		(void)snprintf(
		    walk.name, sizeof(walk.name), "%s.%d", kinds[i].collection, BACKFILL_FORM);
		TRY(go(&walk));
	}
	return ERR_OK;
}
