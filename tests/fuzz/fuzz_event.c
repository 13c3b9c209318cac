/* A message from the broker: the event, and the plan that the notifier makes of it. */
#include "tests/fuzz/fuzz.h"

#include "notifier/plan.h"

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
	return 0;
}
