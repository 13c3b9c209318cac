/* A message from the broker: the event, and what the notifier plans for people and for webhooks. */
#include "tests/fuzz/fuzz.h"

#include "notifier/plan.h"
#include "notifier/webhook.h"
#include "notifier/webhook_plan.h"

static void
check_copies(struct arena *arena, const struct event *event, struct span body)
{
	const struct webhook_copy *copies = NULL;
	const struct cJSON *tree;
	size_t count = 0;

	if (webhook_plan_make(arena, event, body, &copies, &count) != ERR_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *copy = copies[i].body;

		check(fuzz_is_id(&copies[i].owner_id));
		check(copy == NULL || strlen(copy) <= WEBHOOK_BODY_MAX);
		check(copy == NULL ||
		    json_parse(arena, span_of(copy, strlen(copy)), NULL, &tree) == ERR_OK);
		for (size_t j = 0; j < i; j++)
			check(!id_equal(&copies[i].owner_id, &copies[j].owner_id));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct span body = span_of(fuzz_bytes(arena, data, size), size);
	const struct cJSON *tree;
	struct plan plan;

	if (plan_make(arena, body, &plan) != ERR_OK)
		return 0;
	check(fuzz_is_id(&plan.event.head.id));
	for (size_t i = 0; i < plan.job_count; i++) {
		const char *kept = plan.jobs[i].data;

		check(fuzz_is_id(&plan.jobs[i].recipient));
		check(json_parse(arena, span_of(kept, strlen(kept)), NULL, &tree) == ERR_OK);
	}
	check_copies(arena, &plan.event, body);
	return 0;
}
