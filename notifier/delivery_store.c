#include "notifier/delivery_store.h"

#include <string.h>

#include "shared/base/macros.h"
#include "shared/infra/pg_array.h"
#include "shared/infra/pg_number.h"

/* So many endpoints are looked at by one statement. */
#define ENDPOINTS_MAX   200
#define ARRAY_MAX_BYTES ((size_t)1024 * 1024)
/* A body, an answer, and what surrounds them. */
#define ARENA_BYTES ((size_t)128 * 1024)

/* --- leasing -------------------------------------------------------------------------------- */

/*
 * From endpoint to endpoint by the index, and of each the first that are due.  There is always a
 * row: it says how far the look came.
 */
static const struct pg_statement lease_deliveries = {
    .name = "lease_deliveries",
    .sql = "WITH RECURSIVE endpoint (id, number) AS ("
	   "(SELECT recipient, 1 FROM jobs WHERE state = 'queued' AND channel = 'webhook'"
	   " AND recipient > $1::uuid ORDER BY recipient LIMIT 1)"
	   " UNION ALL SELECT (SELECT recipient FROM jobs WHERE state = 'queued'"
	   " AND channel = 'webhook' AND recipient > endpoint.id ORDER BY recipient LIMIT 1),"
	   " number + 1 FROM endpoint WHERE id IS NOT NULL AND number < $2::integer),"
	   " due AS MATERIALIZED (SELECT job.id FROM endpoint"
	   " LEFT JOIN unnest($3::uuid[], $7::integer[]) AS busy (id, transfers) USING (id)"
	   " CROSS JOIN LATERAL (SELECT jobs.id FROM jobs WHERE state = 'queued'"
	   " AND channel = 'webhook' AND recipient = endpoint.id AND due_at <= now()"
	   " ORDER BY due_at LIMIT greatest($4::bigint - coalesce(busy.transfers, 0), 0)"
	   " FOR UPDATE SKIP LOCKED) AS job LIMIT $5::bigint),"
	   " leased AS (UPDATE jobs SET attempts = attempts + 1,"
	   " due_at = now() + $6::bigint * interval '1 millisecond'"
	   " FROM due WHERE jobs.id = due.id RETURNING jobs.*)"
	   " SELECT reached.id, leased.id, event_id, recipient, data, traceparent, attempts,"
	   " attempts - schedule_from, webhooks.id IS NOT NULL, webhooks.status = 'active',"
	   " failing_since IS NOT NULL, url, secret,"
	   " CASE WHEN previous_secret_until > now() THEN previous_secret END"
	   " FROM (SELECT (SELECT id FROM endpoint ORDER BY number DESC LIMIT 1) AS id) AS reached"
	   " LEFT JOIN leased ON true LEFT JOIN webhooks ON webhooks.id = leased.recipient",
};

/* A copy in the arena; NULL stays NULL, and the arena's overflow is looked at once, at the end. */
static const char *
copy(struct arena *arena, const struct pg_result *rows, size_t row, size_t column)
{
	const char *text = pg_text(rows, row, column);

	return text == NULL ? NULL : arena_strdup(arena, text);
}

static enum err
read_delivery(const struct pg_result *rows, size_t row, struct delivery *out)
{
	struct arena *arena = NULL;

	TRY(arena_new(ARENA_BYTES, &arena));
	*out = (struct delivery){
	    .arena = arena,
	    .id = pg_id(rows, row, 1),
	    .event_id = pg_id(rows, row, 2),
	    .webhook_id = pg_id(rows, row, 3),
	    .data = copy(arena, rows, row, 4),
	    .traceparent = copy(arena, rows, row, 5),
	    .attempt = pg_int(rows, row, 6),
	    .step = pg_int(rows, row, 7),
	    .has_webhook = pg_bool(rows, row, 8),
	};
	if (out->has_webhook) {
		out->active = pg_bool(rows, row, 9);
		out->failing = pg_bool(rows, row, 10);
		out->url = copy(arena, rows, row, 11);
		out->secret = copy(arena, rows, row, 12);
		out->previous_secret = copy(arena, rows, row, 13);
	}
	return arena_overflowed(arena) ? ERR_MEMORY : ERR_OK;
}

static enum err
read_deliveries(const struct pg_result *rows, size_t count, struct delivery *const *deliveries)
{
	for (size_t i = 0; i < count; i++) {
		enum err err = read_delivery(rows, i, deliveries[i]);

		for (size_t at = 0; err != ERR_OK && at <= i; at++)
			arena_free(&deliveries[at]->arena);
		TRY(err);
	}
	return ERR_OK;
}

/* A look that took all it might has not seen the endpoints after the last one it took from; else
 * it saw as many as one statement looks at, or the last. */
static void
move_on(const struct pg_result *rows, struct delivery *const *deliveries, size_t count,
    struct delivery_look *look)
{
	static const struct id start = DELIVERY_FROM_START;

	look->at_end = false;
	if (count == look->max) {
		for (size_t i = 0; i < count; i++)
			if (strcmp(deliveries[i]->webhook_id.text, look->from.text) > 0)
				look->from = deliveries[i]->webhook_id;
	} else if (pg_is_null(rows, 0, 0)) {
		look->at_end = true;
		look->from = start;
	} else {
		look->from = pg_id(rows, 0, 0);
	}
}

enum err
delivery_store_lease(struct pg *pg, const struct deadline *deadline, struct delivery_look *look,
    struct delivery *const *deliveries, size_t *count)
{
	auto_pg_result struct pg_result *rows = NULL;
	auto_buf struct buf busy_ids;
	auto_buf struct buf busy_counts;
	char endpoints[PG_NUMBER_SIZE];
	char endpoint_max[PG_NUMBER_SIZE];
	char max[PG_NUMBER_SIZE];
	char lease[PG_NUMBER_SIZE];
	const char *values[] = {look->from.text, pg_number_text(ENDPOINTS_MAX, endpoints), NULL,
	    pg_number_text(look->endpoint_max, endpoint_max),
	    pg_number_text((int64_t)look->max, max), pg_number_text(look->lease_ms, lease), NULL};
	size_t found = 0;

	buf_init(&busy_ids, ARRAY_MAX_BYTES);
	buf_init(&busy_counts, ARRAY_MAX_BYTES);
	for (size_t i = 0; i < look->busy_count; i++) {
		pg_array_put(&busy_ids, look->busy[i].webhook_id.text);
		pg_array_put_int(&busy_counts, look->busy[i].transfers);
	}
	TRY(pg_array_end(&busy_ids, &values[2]));
	TRY(pg_array_end(&busy_counts, &values[6]));
	TRY(pg_run(pg, deadline, &lease_deliveries, values, COUNT_OF(values), &rows));
	if (!pg_is_null(rows, 0, 1))
		found = pg_rows(rows);
	TRY(read_deliveries(rows, found, deliveries));
	move_on(rows, deliveries, found, look);
	*count = found;
	return ERR_OK;
}

/* --- the end of a lease --------------------------------------------------------------------- */

#define RESULT_ARRAYS 9

static const struct pg_statement record_deliveries = {
    .name = "record_deliveries",
    .sql =
	"WITH result AS (SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[],"
	" $4::bigint[], $5::integer[], $6::text[], $7::text[], $8::integer[], $9::text[])"
	" AS result (id, number, state, pause_ms, duration_ms, result, detail, status_code,"
	" response)),"
	" job AS (UPDATE jobs SET state = result.state,"
	" due_at = now() + pause_ms * interval '1 millisecond',"
	" finished_at = CASE WHEN result.state <> 'queued' THEN now() END"
	" FROM result WHERE jobs.id = result.id AND attempts = number"
	" AND jobs.state = 'queued' RETURNING jobs.id)"
	" INSERT INTO attempts"
	" (job_id, number, duration_ms, result, detail, status_code, response)"
	" SELECT id, number, duration_ms, result.result, detail, nullif(status_code, 0), response"
	" FROM result JOIN job USING (id)",
};

static void
put_result(struct buf arrays[RESULT_ARRAYS], const struct delivery_result *result)
{
	static const char *const states[] = {
	    [ATTEMPT_SENT] = "sent", [ATTEMPT_TRY_LATER] = "queued", [ATTEMPT_REFUSED] = "failed"};

	pg_array_put(&arrays[0], result->id.text);
	pg_array_put_int(&arrays[1], result->attempt);
	pg_array_put(&arrays[2], states[result->outcome.result]);
	pg_array_put_int(&arrays[3], result->pause_ms);
	pg_array_put_int(&arrays[4], result->outcome.duration_ms);
	pg_array_put(&arrays[5], attempt_result_names[result->outcome.result]);
	pg_array_put(&arrays[6], result->outcome.detail);
	pg_array_put_int(&arrays[7], result->status_code);
	pg_array_put(&arrays[8], result->response);
}

static enum err
run_record(struct pg *pg, const struct deadline *deadline, struct buf arrays[RESULT_ARRAYS])
{
	const char *values[RESULT_ARRAYS];

	for (size_t i = 0; i < RESULT_ARRAYS; i++)
		TRY(pg_array_end(&arrays[i], &values[i]));
	return pg_run(pg, deadline, &record_deliveries, values, RESULT_ARRAYS, NULL);
}

enum err
delivery_store_record(struct pg *pg, const struct deadline *deadline,
    const struct delivery_result *results, size_t count)
{
	struct buf arrays[RESULT_ARRAYS];
	enum err err;

	for (size_t i = 0; i < RESULT_ARRAYS; i++)
		buf_init(&arrays[i], ARRAY_MAX_BYTES);
	for (size_t i = 0; i < count; i++)
		put_result(arrays, &results[i]);
	err = run_record(pg, deadline, arrays);
	for (size_t i = 0; i < RESULT_ARRAYS; i++)
		buf_fini(&arrays[i]);
	return err;
}
