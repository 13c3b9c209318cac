#include "fcgi/items/handlers_category.h"

#include "fcgi/items/app.h"
#include "fcgi/items/category_store.h"
#include "fcgi/items/handling.h"
#include "shared/edge/etag.h"
#include "shared/edge/json.h"
#include "shared/edge/query.h"

/* Counting takes time at a slow store.  What took long to count is shown again, for so many
 * times as long as it took: a worker spends a twentieth of its time on it at most. */
#define QUICK_MS    50
#define KEPT_FACTOR 20

static enum err
write_category(void *context, const char *category, int64_t items)
{
	struct json_writer *w = context;

	json_object_open(w, NULL);
	json_put_text(w, "category", category);
	json_put_int(w, "items", items);
	json_object_close(w);
	return ERR_OK;
}

static enum err
count(struct request *rq, struct buf *out)
{
	struct json_writer w;

	buf_reset(out);
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	TRY(category_store_each(&rq->worker->shop.categories, &rq->deadline, rq->arena, &rq->fault,
	    write_category, &w));
	json_array_close(&w);
	json_object_close(&w);
	return buf_finish(out);
}

static enum err
refresh(const struct app *app, struct request *rq, struct categories *categories)
{
	int64_t start_ms = clock_monotonic_ms(app->clock);
	int64_t took_ms;

	if (categories->good_until_ms > start_ms)
		return ERR_OK;
	categories->good_until_ms = 0;
	TRY(count(rq, &categories->body));
	took_ms = clock_monotonic_ms(app->clock) - start_ms;
	if (took_ms > QUICK_MS)
		categories->good_until_ms = start_ms + took_ms * (KEPT_FACTOR + 1);
	return ERR_OK;
}

enum err
handle_list_categories(const struct app *app, struct request *rq, struct response *rs)
{
	struct categories *categories = &rq->worker->categories;

	TRY(handling_check_reader(app, rq));
	TRY(query_none(rq));
	TRY(refresh(app, rq, categories));
	TRY(response_cache(rs,
	    app->settings->catalogue_requires_login ? "private, no-cache" : "public, no-cache"));
	buf_put(rs->buf, categories->body.data, categories->body.len);
	return etag_answer_json(rq, rs);
}
