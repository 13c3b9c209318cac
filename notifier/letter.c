#include "notifier/letter.h"

#include <stdio.h>

#include "notifier/job_store.h"
#include "notifier/webhook_store.h"
#include "shared/base/log.h"
#include "shared/base/tracing.h"

#define STORE_MAX_MS 10000
#define TRIES        3

enum err
letter_plan(struct arena *arena, struct span body, struct letter *out)
{
	struct event_head *head = &out->plan.event.head;

	out->start_ns = tracing_now_ns();
	TRY(plan_make(arena, body, &out->plan));
	trace_continue(head->traceparent, &out->trace);
	if (tracing_is_on())
		head->traceparent = out->trace.traceparent;
	return webhook_plan_make(arena, &out->plan.event, body, &out->copies, &out->copy_count);
}

static enum err
store_letter(
    struct pg *tx, const struct deadline *deadline, const struct letter *letter, int64_t *added)
{
	const struct plan *plan = &letter->plan;

	TRY(job_store_add(tx, deadline, plan, added));
	if (plan->has_contact && plan->contact.deleted)
		TRY(webhook_store_remove_owner(tx, deadline, &plan->contact.user_id));
	return ERR_OK;
}

/* All letters' at once. */
static enum err
fan_out(struct pg *tx, const struct deadline *deadline, struct arena *arena,
    const struct letter *letters, size_t letter_count, int64_t *added)
{
	struct webhook_copy *copies;
	size_t count = 0;

	for (size_t i = 0; i < letter_count; i++)
		count += letters[i].bad ? 0 : letters[i].copy_count;
	*added = 0;
	if (count == 0)
		return ERR_OK;
	TRY_ALLOC(copies = arena_array(arena, count, sizeof(*copies)));
	count = 0;
	for (size_t i = 0; i < letter_count; i++)
		for (size_t at = 0; !letters[i].bad && at < letters[i].copy_count; at++)
			copies[count++] = letters[i].copies[at];
	return webhook_store_fan_out(tx, deadline, copies, count, added);
}

static enum err
store_once(struct pg *pg, const struct clock *clock, struct arena *arena,
    const struct letter *letters, size_t letter_count, int64_t *added)
{
	const struct deadline deadline = deadline_in(clock, STORE_MAX_MS);
	auto_pg_tx struct pg *tx = pg;
	int64_t sum = 0;
	int64_t count;

	TRY(pg_begin(tx, &deadline));
	for (size_t i = 0; i < letter_count; i++) {
		if (letters[i].bad)
			continue;
		TRY(store_letter(tx, &deadline, &letters[i], &count));
		sum += count;
	}
	TRY(fan_out(tx, &deadline, arena, letters, letter_count, &count));
	sum += count;
	TRY(pg_commit(tx, &deadline));
	*added = sum;
	return ERR_OK;
}

enum err
letters_store(struct pg *pg, const struct clock *clock, struct arena *arena,
    const struct letter *letters, size_t count, int64_t *added)
{
	enum err err = ERR_BUSY;

	for (int i = 0; i < TRIES && err == ERR_BUSY; i++)
		err = store_once(pg, clock, arena, letters, count, added);
	return err;
}

void
letter_tell_kept(const struct letter *letter, const char *queue)
{
	const struct event_head *head = &letter->plan.event.head;
	char name[64];

	log_context_set(NULL, head->traceparent != NULL ? letter->trace.trace_id : NULL, NULL);
	log_info("event taken", LOG_TEXT("type", head->type), LOG_TEXT("event_id", head->id.text));
	log_context_clear();
	(void)snprintf(name, sizeof(name), "process %s", queue);
	tracing_record(&(struct tracing_step){
	    .trace = &letter->trace,
	    .kind = TRACING_CONSUMER,
	    .name = name,
	    .start_ns = letter->start_ns,
	    .attributes =
		(const struct tracing_attribute[]){
		    TRACING_TEXT("messaging.system", "rabbitmq"),
		    TRACING_TEXT("messaging.operation.name", "process"),
		    TRACING_TEXT("messaging.operation.type", "process"),
		    TRACING_TEXT("messaging.destination.name", queue),
		    TRACING_TEXT("messaging.rabbitmq.destination.routing_key", head->type),
		    TRACING_TEXT("messaging.message.id", head->id.text),
		},
	    .count = 6,
	});
}
