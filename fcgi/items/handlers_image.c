#include "fcgi/items/handlers_image.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/items/app.h"
#include "fcgi/items/handling.h"
#include "fcgi/items/image_flow.h"
#include "shared/edge/query.h"
#include "shared/edge/range.h"

#define VERSION_CHARS 16 /* of the hash, in image_url */
#define GET_TRIES_MAX 3

enum err
handle_put_image(const struct app *app, struct request *rq, struct response *rs)
{
	struct item_precondition precondition = {.rq = rq};
	const struct item_guard guard = handling_guard(&precondition);
	const struct call call = handling_call(rq, NULL);
	const struct image_upload upload = {
	    .read = rq->upload.read,
	    .context = rq->upload.context,
	    .length = rq->upload_bytes,
	    .type = rq->content_type,
	};
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(image_flow_put(&rq->worker->shop, &call, &id, &upload, &guard));
	return response_empty(rs, 204);
}

/* The address that an item names holds one content for good; the bare one must be asked. */
static enum err
set_cache(const struct app *app, const char *version, const char *hash, struct response *rs)
{
	const char *who = app->settings->catalogue_requires_login ? "private" : "public";
	bool is_for_good =
	    version != NULL && strlen(version) == VERSION_CHARS && str_starts_with(hash, version);

	if (is_for_good) {
		char value[64];

		(void)snprintf(value, sizeof(value), "%s, max-age=31536000, immutable", who);
		return response_cache(rs, value);
	}
	return response_cache(rs,
	    app->settings->catalogue_requires_login ? "private, max-age=60" : "public, max-age=60");
}

static enum err
next_piece(void *context, struct span *out)
{
	return image_walk_next(context, out);
}

static enum err
answer_bytes(struct request *rq, struct response *rs, const struct item_image *image,
    const struct call *call, const char *etag)
{
	struct image_walk *walk = arena_alloc(rq->arena, sizeof(*walk));
	struct body_feed *feed = arena_alloc(rq->arena, sizeof(*feed));
	struct byte_range range = {0, image->length - 1};
	enum range_kind kind = range_of_request(rq, etag, image->length, &range);

	TRY_ALLOC(walk);
	TRY_ALLOC(feed);
	if (kind == RANGE_NOT_SATISFIABLE) {
		rq->fault.content_range =
		    arena_printf(rq->arena, "bytes */%" PRId64, image->length);
		return ERR_RANGE;
	}
	TRY(image_walk_begin(walk, &rq->worker->shop, call, image, range.first, range.last));
	*feed = (struct body_feed){
	    .next = next_piece,
	    .context = walk,
	    .length = (size_t)(range.last - range.first + 1),
	};
	if (kind == RANGE_PART)
		TRY(response_header(rs, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64,
		    range.first, range.last, image->length));
	return response_feed(rs, kind == RANGE_PART ? 206 : 200, image->type, feed);
}

static enum err
answer_image(const struct app *app, struct request *rq, struct response *rs,
    const struct item_image *image, const char *version)
{
	const struct call call = handling_call(rq, NULL);
	char etag[IMAGE_HASH_SIZE + 2];
	bool not_modified;

	(void)snprintf(etag, sizeof(etag), "\"%s\"", image->hash);
	TRY(set_cache(app, version, image->hash, rs));
	TRY(response_header(rs, "Accept-Ranges", "bytes"));
	TRY(response_etag(rs, rq, etag, &not_modified));
	return not_modified ? ERR_OK : answer_bytes(rq, rs, image, &call, etag);
}

enum err
handle_get_image(const struct app *app, struct request *rq, struct response *rs)
{
	static const struct text_rule version_rule = {.min = 1, .max = IMAGE_HASH_SIZE};
	const char *version = NULL;
	struct query query;
	struct item item;
	struct id id;
	enum err err = ERR_NOT_FOUND;

	TRY(handling_check_reader(app, rq));
	TRY(query_begin(&query, rq));
	query_read_text(&query, "v", &version_rule, &version, NULL);
	TRY(query_end(&query));
	TRY(request_id_param(rq, 0, &id));
	/* An image that is replaced just now is looked for under its item once more. */
	for (int tries = 0; err == ERR_NOT_FOUND && tries < GET_TRIES_MAX; tries++) {
		response_init(rs, rs->arena, rs->buf);
		TRY(item_store_get(&rq->worker->shop.items, &rq->deadline, rq->arena, &id, &item));
		if (!item.image.present)
			return fault_set(&rq->fault, ERR_NOT_FOUND, "The item has no image.");
		err = answer_image(app, rq, rs, &item.image, version);
	}
	return err;
}
