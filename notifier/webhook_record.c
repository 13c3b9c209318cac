#include "notifier/webhook_record.h"

#include <stdlib.h>
#include <string.h>

#include "notifier/schedule.h"
#include "notifier/webhook_outcome.h"
#include "notifier/webhook_store.h"
#include "shared/base/log.h"

#define STORE_MAX_MS    5000
#define EVENT_MAX_BYTES ((size_t)32 * 1024)
#define EVENT_SOURCE    "/notifications"

struct verdict { /* of one endpoint, over all of its endings */
	const struct delivery *delivery;
	bool succeeded, failed, gone;
	bool was_failing;
};

struct recording {
	struct pg *pg;
	const struct clock *clock;
	const struct deadline *deadline;
	struct arena *arena;
	int64_t disabled;
};

static enum err
tell(struct recording *recording, const struct verdict *verdict, const struct webhook *webhook)
{
	auto_buf struct buf body;
	struct id id;
	struct event_head head = {.type = "webhook.disabled",
	    .source = EVENT_SOURCE,
	    .subject = webhook->id.text,
	    .time_ms = clock_now_ms(recording->clock),
	    .traceparent = verdict->delivery->traceparent};

	buf_init(&body, EVENT_MAX_BYTES);
	id_new(head.time_ms, &id);
	head.id = id;
	webhook_write_disabled(&body, &head, webhook);
	TRY(buf_finish(&body));
	return webhook_store_tell(recording->pg, recording->deadline, &head, body.data);
}

static enum err
disable(struct recording *recording, const struct verdict *verdict, const char *reason)
{
	struct webhook webhook;
	enum err err = webhook_store_disable(recording->pg, recording->deadline, recording->arena,
	    &verdict->delivery->webhook_id, reason, &webhook);

	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(err);
	log_warn("webhook disabled", LOG_TEXT("webhook_id", webhook.id.text),
	    LOG_TEXT("reason", reason));
	recording->disabled++;
	return tell(recording, verdict, &webhook);
}

/* What happens most, a success of an endpoint that was well before, costs nothing here. */
static enum err
settle(struct recording *recording, const struct verdict *verdict)
{
	const struct id *id = &verdict->delivery->webhook_id;
	int64_t failing_ms = 0;

	if (verdict->gone)
		return disable(recording, verdict, WEBHOOK_REASON_GONE);
	if (verdict->succeeded) {
		if (!verdict->was_failing && !verdict->failed)
			return ERR_OK;
		return webhook_store_note(
		    recording->pg, recording->deadline, id, true, &failing_ms);
	}
	if (!verdict->failed)
		return ERR_OK;
	TRY(webhook_store_note(recording->pg, recording->deadline, id, false, &failing_ms));
	if (failing_ms < SCHEDULE_WEBHOOK_FAILING_MAX_MS)
		return ERR_OK;
	return disable(recording, verdict, WEBHOOK_REASON_FAILING);
}

/* By endpoint: so that each is settled once, and always in the same order, as other processes
 * settle theirs at the same time. */
static int
compare(const void *a, const void *b)
{
	const struct webhook_ending *const *left = a;
	const struct webhook_ending *const *right = b;

	return strcmp((*left)->result.webhook_id.text, (*right)->result.webhook_id.text);
}

static void
add(struct verdict *verdict, const struct webhook_ending *ending)
{
	verdict->delivery = ending->delivery;
	if (!ending->called)
		return;
	verdict->was_failing = verdict->was_failing || ending->delivery->failing;
	if (ending->result.outcome.result == ATTEMPT_SENT)
		verdict->succeeded = true;
	else
		verdict->failed = true;
	if (ending->result.status_code == WEBHOOK_STATUS_GONE)
		verdict->gone = true;
}

static enum err
settle_all(struct recording *recording, const struct webhook_ending *const *endings, size_t count)
{
	const struct webhook_ending *sorted[WEBHOOK_RECORD_MAX];

	memcpy(sorted, endings, count * sizeof(*endings));
	qsort(sorted, count, sizeof(*sorted), compare);
	for (size_t i = 0; i < count;) {
		struct verdict verdict = {.delivery = NULL};
		const struct id *id = &sorted[i]->result.webhook_id;

		for (; i < count && id_equal(&sorted[i]->result.webhook_id, id); i++)
			add(&verdict, sorted[i]);
		TRY(settle(recording, &verdict));
	}
	return ERR_OK;
}

enum err
webhook_record(struct pg *pg, const struct clock *clock, struct arena *arena,
    const struct webhook_ending *const *endings, size_t count, int64_t *disabled)
{
	const struct deadline deadline = deadline_in(clock, STORE_MAX_MS);
	struct delivery_result results[WEBHOOK_RECORD_MAX];
	struct recording recording = {
	    .pg = pg, .clock = clock, .deadline = &deadline, .arena = arena};
	auto_pg_tx struct pg *tx = pg;

	for (size_t i = 0; i < count; i++)
		results[i] = endings[i]->result;
	TRY(pg_begin(tx, &deadline));
	TRY(delivery_store_record(tx, &deadline, results, count));
	TRY(settle_all(&recording, endings, count));
	TRY(pg_commit(tx, &deadline));
	*disabled = recording.disabled;
	return ERR_OK;
}
