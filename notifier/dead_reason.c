#include "notifier/dead_reason.h"

#include "notifier/plan.h"
#include "notifier/webhook_plan.h"
#include "shared/base/macros.h"

static const char *
why_no_event(struct arena *arena, const struct cJSON *root)
{
	static const char *const members[] = {"id", "type", "source"};
	const char *version = json_get_text(root, "specversion");
	const char *words;

	if (version == NULL)
		return "no CloudEvent: it has no specversion";
	if (!str_starts_with(version, "1.")) {
		words = arena_printf(arena, "a CloudEvent of version %s, not 1", version);
		return words != NULL ? words : "a CloudEvent of another version";
	}
	for (size_t i = 0; i < COUNT_OF(members); i++)
		if (json_get_text(root, members[i]) == NULL) {
			words = arena_printf(arena, "no CloudEvent: it has no %s", members[i]);
			return words != NULL ? words : "no CloudEvent";
		}
	if (json_get_object(root, "data") == NULL)
		return "no CloudEvent: it has no data";
	return "its id is no UUID, or its time no time";
}

const char *
dead_reason(struct arena *arena, const struct amqp_delivery *letter)
{
	const struct webhook_copy *copies;
	const struct cJSON *root;
	struct event event;
	struct plan plan;
	size_t count;

	if (letter->too_large)
		return "too large";
	if (json_parse(arena, letter->body, NULL, &root) != ERR_OK)
		return "not JSON";
	if (event_parse(arena, letter->body, &event) != ERR_OK)
		return why_no_event(arena, root);
	if (plan_make(arena, letter->body, &plan) != ERR_OK ||
	    webhook_plan_make(arena, &event, letter->body, &copies, &count) != ERR_OK)
		return "its data lack what its type promises";
	return str_equal(letter->death_reason, "delivery_limit")
	    ? "delivered too often without an answer"
	    : "the database refused it";
}
