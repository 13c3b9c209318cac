#include "notifier/jobs.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "notifier/app.h"
#include "notifier/dead_store.h"
#include "notifier/deliver_email.h"
#include "notifier/job_store.h"
#include "notifier/metric_families.h"
#include "notifier/schedule.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/base/thread.h"
#include "shared/base/tracing.h"

#define ARENA_BYTES  ((size_t)4 * 1024 * 1024)
#define STORE_MAX_MS 5000
#define SEND_MAX_MS  20000
/* How long recording is tried again, at least, when all is to stop. */
#define RECORD_MIN_MS   5000
#define RECORD_PAUSE_MS 250
/* Longer than sending and recording may take, so that only the dead lose a lease, and those from
 * whom the database was away for long. */
#define LEASE_MS       (SEND_MAX_MS + RECORD_MIN_MS + STORE_MAX_MS + 2000)
#define LOOK_EVERY_MS  500
#define STORE_PAUSE_MS 1000
/* Old jobs are deleted in batches, none so large that others would wait for it. */
#define FORGET_MAX      500
#define FORGET_EVERY_MS 60000
#define DAY_MS          ((int64_t)24 * 3600 * 1000)

struct jobber {               /* one worker thread */
	bool forgets;         /* one of them deletes what is old */
	int64_t forget_at_ms; /* monotonic */
	const struct app *app;
	struct pg *pg;
	struct arena *arena;
	struct emailer *emailer;
	pthread_t thread;
};

struct jobs {
	size_t count;
	struct jobber *jobbers;
};

static uint32_t
dice(void)
{
	uint32_t number;

	random_bytes(&number, sizeof(number));
	return number;
}

static enum err
await_contact(struct jobber *jobber, const struct job *job)
{
	const struct deadline deadline = deadline_in(jobber->app->clock, STORE_MAX_MS);
	const struct attempt given_up = {ATTEMPT_REFUSED, "the recipient never became known", 0};

	if (job->age_ms >= SCHEDULE_EMAIL_MAX_MS)
		return job_store_record(jobber->pg, &deadline, job, &given_up, 0);
	return job_store_await_contact(
	    jobber->pg, &deadline, job, schedule_contact_ms(job->attempt, dice()));
}

/* What was sent must be known as sent.  A database that is away is waited for: without it there is
 * nothing else to do, and nobody else to take the job.  But not for ever when all is to stop. */
static enum err
record(
    struct jobber *jobber, const struct job *job, const struct attempt *attempt, int64_t pause_ms)
{
	const struct deadline at_least = deadline_in(jobber->app->clock, RECORD_MIN_MS);
	enum err err;

	do {
		const struct deadline deadline = deadline_in(jobber->app->clock, STORE_MAX_MS);

		err = job_store_record(jobber->pg, &deadline, job, attempt, pause_ms);
		if (err != ERR_UNAVAILABLE && err != ERR_DEADLINE && err != ERR_BUSY)
			return err;
		(void)poll(NULL, 0, RECORD_PAUSE_MS);
	} while (!wake_is_stopping(jobber->app->wake) || deadline_left_ms(&at_least) > 0);
	return err;
}

static void
count_attempt(const struct app *app, const struct job *job, const struct attempt *attempt)
{
	const char *const labels[METRIC_LABELS_MAX] = {
	    job->channel, job->template, attempt_result_names[attempt->result]};
	const char *const channel[METRIC_LABELS_MAX] = {job->channel};

	metric_add(app->metrics, &metric_deliveries, labels, 1);
	metric_observe_ms(app->metrics, &metric_delivery_time, channel, attempt->duration_ms);
	log_write(attempt->result == ATTEMPT_SENT ? LOG_INFO : LOG_WARN, "delivery",
	    (const struct log_field[]){LOG_TEXT("result", attempt_result_names[attempt->result]),
		LOG_TEXT("channel", job->channel), LOG_TEXT("template", job->template),
		LOG_TEXT("event_id", job->event_id.text), LOG_INT("attempt", job->attempt),
		LOG_INT("duration_ms", attempt->duration_ms)},
	    6);
}

/* Semantic conventions know no mail: attributes of our own. */
static void
trace_attempt(const struct job *job, const struct attempt *attempt, int64_t start_ns)
{
	struct trace trace;

	if (!tracing_is_on())
		return;
	trace_continue(job->traceparent, &trace);
	tracing_record(&(struct tracing_step){
	    .trace = &trace,
	    .kind = TRACING_CLIENT,
	    .name = "send email",
	    .start_ns = start_ns,
	    .error = attempt->result != ATTEMPT_SENT ? attempt_result_names[attempt->result] : NULL,
	    .attributes =
		(const struct tracing_attribute[]){
		    TRACING_TEXT("shop.template", job->template),
		    TRACING_TEXT("shop.event_id", job->event_id.text),
		    TRACING_NUMBER("shop.attempt", job->attempt),
		},
	    .count = 3,
	});
}

static enum err
deliver(struct jobber *jobber, const struct deadline *deadline, const struct job *job)
{
	int64_t start_ns = tracing_now_ns();
	struct attempt attempt = {ATTEMPT_TRY_LATER, "no such channel", 0};
	int64_t pause_ms = schedule_email_ms(job->attempt, dice());

	if (str_equal(job->channel, CHANNEL_EMAIL))
		emailer_send(jobber->emailer, deadline, jobber->arena, job, &attempt);
	if (attempt.result == ATTEMPT_SENT)
		CRASH_AT("notifier.sent");
	if (attempt.result == ATTEMPT_TRY_LATER && job->age_ms + pause_ms > SCHEDULE_EMAIL_MAX_MS)
		attempt.result = ATTEMPT_REFUSED;
	count_attempt(jobber->app, job, &attempt);
	trace_attempt(job, &attempt, start_ns);
	return record(jobber, job, &attempt, pause_ms);
}

/* ERR_NOT_FOUND: nothing is due. */
static enum err
carry_out_one(struct jobber *jobber)
{
	const struct deadline deadline = deadline_in(jobber->app->clock, STORE_MAX_MS);
	/* From before the lease, however long that takes, so that it outlives the sending. */
	const struct deadline sending = deadline_in(jobber->app->clock, SEND_MAX_MS);
	char trace_id[TRACE_ID_SIZE];
	struct job job;
	enum err err;

	arena_reset(jobber->arena);
	TRY(job_store_lease(jobber->pg, &deadline, jobber->arena, LEASE_MS, &job));
	wake_one(jobber->app->wake);
	log_context_set(NULL, trace_id_of(job.traceparent, trace_id), NULL);
	err = job.has_contact ? deliver(jobber, &sending, &job) : await_contact(jobber, &job);
	if (err != ERR_OK)
		log_warn("job not recorded", LOG_ERR(err), LOG_TEXT("event_id", job.event_id.text));
	log_context_clear();
	/* Whatever it was, the next one may fare better. */
	return err == ERR_UNAVAILABLE || err == ERR_DEADLINE ? err : ERR_OK;
}

/* A batch of what is older than JOB_RETENTION; the next one soon, while there is more. */
static void
forget_old(struct jobber *jobber)
{
	const struct deadline deadline = deadline_in(jobber->app->clock, STORE_MAX_MS);
	int64_t age_ms = jobber->app->settings->job_retention_days * DAY_MS;
	int64_t now_ms = clock_monotonic_ms(jobber->app->clock);
	int64_t count = 0;

	if (!jobber->forgets || now_ms < jobber->forget_at_ms)
		return;
	jobber->forget_at_ms = now_ms + FORGET_EVERY_MS;
	if (dead_store_forget(jobber->pg, &deadline, clock_now_ms(jobber->app->clock) - age_ms,
		FORGET_MAX, &count) != ERR_OK)
		return;
	if (count == FORGET_MAX)
		jobber->forget_at_ms = now_ms + STORE_PAUSE_MS;
	if (count > 0)
		log_info("old jobs deleted", LOG_INT("count", count));
}

static void *
work(void *argument)
{
	struct jobber *jobber = argument;
	struct wake *wake = jobber->app->wake;

	while (!wake_is_stopping(wake)) {
		uint64_t ticket = wake_ticket(wake);
		enum err err = carry_out_one(jobber);

		forget_old(jobber);
		if (err == ERR_NOT_FOUND)
			wake_wait(wake, ticket, LOOK_EVERY_MS);
		else if (err != ERR_OK)
			wake_pause(wake, STORE_PAUSE_MS);
	}
	return NULL;
}

static void
jobber_fini(struct jobber *jobber)
{
	pg_free(&jobber->pg);
	arena_free(&jobber->arena);
	emailer_free(&jobber->emailer);
}

static enum err
jobber_start(const struct app *app, struct jobber *jobber)
{
	enum err err;

	jobber->app = app;
	err = pg_new(app->settings->database.url, STORE_MAX_MS, app->clock, &jobber->pg);
	if (err == ERR_OK)
		err = arena_new(ARENA_BYTES, &jobber->arena);
	if (err == ERR_OK)
		err = emailer_new(app, &jobber->emailer);
	if (err == ERR_OK)
		err = thread_start(&jobber->thread, work, jobber);
	if (err != ERR_OK)
		jobber_fini(jobber);
	return err;
}

enum err
jobs_start(const struct app *app, struct jobs **out)
{
	struct jobs *jobs = calloc(1, sizeof(*jobs));
	size_t count = (size_t)app->settings->workers;
	enum err err = ERR_OK;

	TRY_ALLOC(jobs);
	jobs->jobbers = calloc(count, sizeof(*jobs->jobbers));
	if (jobs->jobbers == NULL)
		err = ERR_MEMORY;
	while (err == ERR_OK && jobs->count < count) {
		jobs->jobbers[jobs->count].forgets = jobs->count == 0;
		err = jobber_start(app, &jobs->jobbers[jobs->count]);
		if (err == ERR_OK)
			jobs->count++;
	}
	/* Even half of them must be joined by the caller. */
	*out = jobs;
	return err;
}

enum err
jobs_join(struct jobs **jobs, const struct deadline *deadline)
{
	struct jobs *own = *jobs;

	if (own == NULL)
		return ERR_OK;
	while (own->count > 0) {
		TRY(thread_join(own->jobbers[own->count - 1].thread, deadline));
		jobber_fini(&own->jobbers[--own->count]);
	}
	free(own->jobbers);
	free(own);
	*jobs = NULL;
	return ERR_OK;
}
