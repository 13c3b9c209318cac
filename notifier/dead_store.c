#include "notifier/dead_store.h"

#include <string.h>

#include "shared/base/macros.h"
#include "shared/infra/pg_array.h"
#include "shared/infra/pg_number.h"

#define IDS_MAX_BYTES ((size_t)4 * 1024 * 1024)

static const struct pg_statement list_failed = {
    .name = "list_failed",
    .sql = "SELECT job.id, job.channel, coalesce(nullif(job.template, ''), '-'), job.event_type,"
	   " job.event_id, to_char(job.finished_at AT TIME ZONE 'UTC',"
	   " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
	   " coalesce(nullif(attempt.detail, ''), 'status ' || attempt.status_code, '-'),"
	   " (SELECT count(*) FROM jobs WHERE state = 'failed')"
	   " FROM jobs job LEFT JOIN LATERAL (SELECT detail, status_code FROM attempts"
	   " WHERE job_id = job.id ORDER BY number DESC LIMIT 1) attempt ON true"
	   " WHERE job.state = 'failed' ORDER BY job.finished_at DESC LIMIT $1::bigint",
};

/* Without data there is nothing to send: its account was deleted, or its event was too large. */
static const struct pg_statement replay_failed = {
    .name = "replay_failed",
    .sql = "UPDATE jobs SET state = 'queued', due_at = now(), finished_at = NULL,"
	   " schedule_from = attempts WHERE state = 'failed' AND data IS NOT NULL"
	   " AND ($1::uuid[] IS NULL OR id = ANY ($1::uuid[]))",
};

static const struct pg_statement drop_failed = {
    .name = "drop_failed",
    .sql = "DELETE FROM jobs WHERE state = 'failed'"
	   " AND ($1::uuid[] IS NULL OR id = ANY ($1::uuid[]))",
};

/* Ids are in the order of their making: the primary key serves. */
static const struct pg_statement forget_finished = {
    .name = "forget_finished",
    .sql = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE id < $1::uuid"
	   " AND state <> 'queued' ORDER BY id LIMIT $2::bigint)",
};

enum err
dead_store_list(struct pg *pg, const struct deadline *deadline, FILE *out, int64_t *count)
{
	auto_pg_result struct pg_result *rows = NULL;
	char max[PG_NUMBER_SIZE];
	const char *const values[] = {pg_number_text(DEAD_STORE_LIST_MAX, max)};

	TRY(pg_run(pg, deadline, &list_failed, values, COUNT_OF(values), &rows));
	for (size_t i = 0; i < pg_rows(rows); i++)
		(void)fprintf(out, "job\t%s\t%s\t%s\t%s/%s\t%s\n", pg_text(rows, i, 0),
		    pg_text(rows, i, 5), pg_text(rows, i, 3), pg_text(rows, i, 1),
		    pg_text(rows, i, 2), pg_text(rows, i, 6));
	*count = pg_rows(rows) > 0 ? pg_int(rows, 0, 7) : 0;
	return ERR_OK;
}

static enum err
run_on(struct pg *pg, const struct deadline *deadline, const struct pg_statement *statement,
    const struct id *ids, size_t count, int64_t *done)
{
	auto_pg_result struct pg_result *result = NULL;
	auto_buf struct buf array;
	const char *values[] = {NULL};

	buf_init(&array, IDS_MAX_BYTES);
	for (size_t i = 0; i < count; i++)
		pg_array_put(&array, ids[i].text);
	if (ids != NULL)
		TRY(pg_array_end(&array, &values[0]));
	TRY(pg_run(pg, deadline, statement, values, COUNT_OF(values), &result));
	*done = (int64_t)pg_affected(result);
	return ERR_OK;
}

enum err
dead_store_replay(struct pg *pg, const struct deadline *deadline, const struct id *ids,
    size_t count, int64_t *done)
{
	return run_on(pg, deadline, &replay_failed, ids, count, done);
}

enum err
dead_store_drop(struct pg *pg, const struct deadline *deadline, const struct id *ids, size_t count,
    int64_t *done)
{
	return run_on(pg, deadline, &drop_failed, ids, count, done);
}

enum err
dead_store_forget(struct pg *pg, const struct deadline *deadline, int64_t made_before_ms,
    int64_t max, int64_t *done)
{
	auto_pg_result struct pg_result *result = NULL;
	unsigned long long ms = made_before_ms > 0 ? (unsigned long long)made_before_ms : 0;
	char first[ID_LEN + 1];
	char limit[PG_NUMBER_SIZE];
	const char *const values[] = {first, pg_number_text(max, limit)};

	(void)snprintf(first, sizeof(first), "%08llx-%04llx-7000-8000-000000000000",
	    ms >> 16 & 0xffffffff, ms & 0xffff);
	TRY(pg_run(pg, deadline, &forget_finished, values, COUNT_OF(values), &result));
	*done = (int64_t)pg_affected(result);
	return ERR_OK;
}
