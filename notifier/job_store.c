#include "notifier/job_store.h"

#include "shared/base/macros.h"
#include "shared/infra/pg_number.h"

const char *const attempt_result_names[] = {"sent", "try_later", "refused", NULL};

/* --- taking in ------------------------------------------------------------------------------ */

/* Events may overtake each other: the latest by its own time counts, and a deletion for good. */
static const struct pg_statement put_contact = {
    .name = "put_contact",
    .sql = "INSERT INTO contacts (user_id, email, name, locale, deleted, updated_at)"
	   " VALUES ($1::uuid, $2, $3, $4, $5::boolean, to_timestamp($6::bigint / 1000.0))"
	   " ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, name = excluded.name,"
	   " locale = excluded.locale, deleted = excluded.deleted, updated_at = excluded.updated_at"
	   " WHERE NOT contacts.deleted"
	   " AND (excluded.deleted OR contacts.updated_at <= excluded.updated_at)",
};

static const struct pg_statement release_waiting = {
    .name = "release_waiting",
    .sql = "UPDATE jobs SET due_at = now(), waits_for_contact = false"
	   " WHERE recipient = $1::uuid AND state = 'queued' AND waits_for_contact",
};

/* Nothing is sent any more to an account that is gone, and servers' last words may hold its
 * address.  Attempts count up, so that whoever holds a lease has lost it. */
static const struct pg_statement end_jobs_of_deleted = {
    .name = "end_jobs_of_deleted",
    .sql = "WITH old AS (UPDATE attempts SET detail = '' FROM jobs"
	   " WHERE jobs.id = job_id AND recipient = $1::uuid),"
	   " given_up AS (UPDATE jobs SET data = NULL WHERE recipient = $1::uuid"
	   " AND state = 'failed' AND data IS NOT NULL),"
	   " job AS (UPDATE jobs SET state = 'failed', data = NULL, finished_at = now(),"
	   " attempts = attempts + 1 WHERE recipient = $1::uuid AND state = 'queued'"
	   " RETURNING id, attempts)"
	   " INSERT INTO attempts (job_id, number, duration_ms, result, detail)"
	   " SELECT id, attempts, 0, 'refused', 'the account was deleted' FROM job",
};

static const struct pg_statement put_job = {
    .name = "put_job",
    .sql = "INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, data,"
	   " traceparent) VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6::uuid, $7, $8)"
	   " ON CONFLICT ON CONSTRAINT jobs_once DO NOTHING",
};

static enum err
add_contact(
    struct pg *pg, const struct deadline *deadline, const struct plan *plan, int64_t *released)
{
	auto_pg_result struct pg_result *result = NULL;
	const struct contact *contact = &plan->contact;
	char at[PG_NUMBER_SIZE];
	const char *const values[] = {contact->user_id.text, contact->email, contact->name,
	    contact->locale, contact->deleted ? "true" : "false",
	    pg_number_text(plan->event.head.time_ms, at)};
	const char *const recipient[] = {contact->user_id.text};

	TRY(pg_run(pg, deadline, &put_contact, values, COUNT_OF(values), NULL));
	if (contact->deleted)
		TRY(pg_run(
		    pg, deadline, &end_jobs_of_deleted, recipient, COUNT_OF(recipient), NULL));
	TRY(pg_run(pg, deadline, &release_waiting, recipient, COUNT_OF(recipient), &result));
	*released = (int64_t)pg_affected(result);
	return ERR_OK;
}

static enum err
add_job(struct pg *pg, const struct deadline *deadline, const struct event_head *head,
    const struct planned_job *job, int64_t *added)
{
	auto_pg_result struct pg_result *result = NULL;
	struct id id;
	const char *const values[] = {id.text, head->id.text, head->type, job->channel,
	    job->template, job->recipient.text, job->data, head->traceparent};

	id_new(clock_now_ms(&clock_system), &id);
	TRY(pg_run(pg, deadline, &put_job, values, COUNT_OF(values), &result));
	*added += (int64_t)pg_affected(result);
	return ERR_OK;
}

enum err
job_store_add(
    struct pg *pg, const struct deadline *deadline, const struct plan *plan, int64_t *added)
{
	int64_t count = 0;

	if (plan->has_contact)
		TRY(add_contact(pg, deadline, plan, &count));
	for (size_t i = 0; i < plan->job_count; i++)
		TRY(add_job(pg, deadline, &plan->event.head, &plan->jobs[i], &count));
	*added = count;
	return ERR_OK;
}

/* --- leasing -------------------------------------------------------------------------------- */

static const struct pg_statement lease_job = {
    .name = "lease_job",
    .sql = "WITH due AS (SELECT id FROM jobs WHERE state = 'queued' AND channel = 'email'"
	   " AND due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED),"
	   " job AS (UPDATE jobs SET attempts = attempts + 1, waits_for_contact = false,"
	   " due_at = now() + $1::bigint * interval '1 millisecond'"
	   " FROM due WHERE jobs.id = due.id RETURNING jobs.*)"
	   " SELECT job.id, event_id, event_type, channel, template, recipient, data, traceparent,"
	   " attempts, floor(extract(epoch FROM created_at) * 1000)::bigint,"
	   " floor(extract(epoch FROM now() - created_at) * 1000)::bigint,"
	   " c.user_id IS NOT NULL, c.email, c.name, c.locale, c.deleted"
	   " FROM job LEFT JOIN contacts c ON c.user_id = job.recipient",
};

/* A copy in the arena; NULL stays NULL, and the arena's overflow is looked at once, at the end. */
static const char *
copy(struct arena *arena, const struct pg_result *result, size_t column)
{
	const char *text = pg_text(result, 0, column);

	return text == NULL ? NULL : arena_strdup(arena, text);
}

static void
read_contact(struct arena *arena, const struct pg_result *result, struct job *job)
{
	job->has_contact = pg_bool(result, 0, 11);
	if (!job->has_contact)
		return;
	job->contact.user_id = job->recipient;
	job->contact.email = copy(arena, result, 12);
	job->contact.name = copy(arena, result, 13);
	job->contact.locale = copy(arena, result, 14);
	job->contact.deleted = pg_bool(result, 0, 15);
}

enum err
job_store_lease(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    int64_t lease_ms, struct job *out)
{
	auto_pg_result struct pg_result *result = NULL;
	char lease[PG_NUMBER_SIZE];
	const char *const values[] = {pg_number_text(lease_ms, lease)};
	struct job job = {0};

	TRY(pg_run(pg, deadline, &lease_job, values, COUNT_OF(values), &result));
	if (pg_rows(result) == 0)
		return ERR_NOT_FOUND;
	job.id = pg_id(result, 0, 0);
	job.event_id = pg_id(result, 0, 1);
	job.event_type = copy(arena, result, 2);
	job.channel = copy(arena, result, 3);
	job.template = copy(arena, result, 4);
	job.recipient = pg_id(result, 0, 5);
	job.data = copy(arena, result, 6);
	job.traceparent = copy(arena, result, 7);
	job.attempt = pg_int(result, 0, 8);
	job.created_at_ms = pg_int(result, 0, 9);
	job.age_ms = pg_int(result, 0, 10);
	read_contact(arena, result, &job);
	if (arena_overflowed(arena))
		return ERR_MEMORY;
	*out = job;
	return ERR_OK;
}

/* --- the end of a lease --------------------------------------------------------------------- */

/* One statement, hence one transaction: the attempt is kept exactly when the lease was good. */
static const struct pg_statement record_attempt = {
    .name = "record_attempt",
    .sql = "WITH job AS (UPDATE jobs SET state = $3,"
	   " due_at = now() + $4::bigint * interval '1 millisecond',"
	   " data = CASE WHEN $3 = 'sent' OR EXISTS (SELECT FROM contacts"
	   " WHERE user_id = recipient AND deleted) THEN NULL ELSE data END,"
	   " finished_at = CASE WHEN $3 <> 'queued' THEN now() END"
	   " WHERE id = $1::uuid AND attempts = $2::integer AND state = 'queued' RETURNING id)"
	   " INSERT INTO attempts (job_id, number, duration_ms, result, detail)"
	   " SELECT id, $2::integer, $5::integer, $6, $7 FROM job",
};

static const struct pg_statement await_contact = {
    .name = "await_contact",
    .sql = "UPDATE jobs SET waits_for_contact = true,"
	   /* Learnt since the lease?  Then nobody else will say so. */
	   " due_at = now() + CASE WHEN EXISTS (SELECT FROM contacts WHERE user_id = recipient)"
	   " THEN 0 ELSE $3::bigint END * interval '1 millisecond'"
	   " WHERE id = $1::uuid AND attempts = $2::integer AND state = 'queued'",
};

enum err
job_store_record(struct pg *pg, const struct deadline *deadline, const struct job *job,
    const struct attempt *attempt, int64_t pause_ms)
{
	static const char *const states[] = {
	    [ATTEMPT_SENT] = "sent", [ATTEMPT_TRY_LATER] = "queued", [ATTEMPT_REFUSED] = "failed"};
	auto_pg_result struct pg_result *result = NULL;
	char number[PG_NUMBER_SIZE];
	char pause[PG_NUMBER_SIZE];
	char duration[PG_NUMBER_SIZE];
	const char *const values[] = {job->id.text, pg_number_text(job->attempt, number),
	    states[attempt->result], pg_number_text(pause_ms, pause),
	    pg_number_text(attempt->duration_ms, duration), attempt_result_names[attempt->result],
	    attempt->detail};

	TRY(pg_run(pg, deadline, &record_attempt, values, COUNT_OF(values), &result));
	return pg_affected(result) == 1 ? ERR_OK : ERR_CONFLICT;
}

enum err
job_store_await_contact(
    struct pg *pg, const struct deadline *deadline, const struct job *job, int64_t pause_ms)
{
	auto_pg_result struct pg_result *result = NULL;
	char number[PG_NUMBER_SIZE];
	char pause[PG_NUMBER_SIZE];
	const char *const values[] = {
	    job->id.text, pg_number_text(job->attempt, number), pg_number_text(pause_ms, pause)};

	TRY(pg_run(pg, deadline, &await_contact, values, COUNT_OF(values), &result));
	return pg_affected(result) == 1 ? ERR_OK : ERR_CONFLICT;
}

/* --- looking -------------------------------------------------------------------------------- */

/* Finished jobs are many and in no index: only what the partial indexes hold is counted. */
static const struct pg_statement count_jobs = {
    .name = "count_jobs",
    .sql = "SELECT count(*), count(*) FILTER (WHERE due_at <= now()),"
	   " coalesce(floor(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now()))"
	   " * 1000), 0)::bigint,"
	   " (SELECT count(*) FROM jobs WHERE state = 'failed')"
	   " FROM jobs WHERE state = 'queued'",
};

static const struct pg_statement ping = {.name = "ping", .sql = "SELECT 1 FROM jobs LIMIT 1"};

enum err
job_store_count(struct pg *pg, const struct deadline *deadline, struct job_counts *out)
{
	auto_pg_result struct pg_result *result = NULL;

	TRY(pg_run(pg, deadline, &count_jobs, NULL, 0, &result));
	out->queued = pg_int(result, 0, 0);
	out->due = pg_int(result, 0, 1);
	out->oldest_due_ms = pg_int(result, 0, 2);
	out->failed = pg_int(result, 0, 3);
	return ERR_OK;
}

enum err
job_store_ping(struct pg *pg, const struct deadline *deadline)
{
	return pg_run(pg, deadline, &ping, NULL, 0, NULL);
}
