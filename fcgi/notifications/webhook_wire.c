#include "fcgi/notifications/webhook_wire.h"

#include "fcgi/notifications/webhook_endpoint.h"
#include "shared/edge/json.h"
#include "shared/edge/query.h"

#define EVENTS_MAX 32

static void
read_url(struct json_object *in, enum json_need need, const struct webhook_settings *settings,
    const char **out)
{
	static const struct text_rule rule = {.min = 1, .max = WEBHOOK_URL_MAX};
	enum field_code code;
	const char *detail;
	const char *url;
	bool present;

	json_read_text(in, "url", need, &rule, &url, &present);
	if (!present)
		return;
	if (webhook_endpoint_fits(settings, url, in->arena, &code, &detail))
		*out = url;
	else
		json_fault(in, "url", code, detail);
}

/* *OUT: as struct webhook has them; untouched where they are absent or have a fault. */
static enum err
read_events(struct json_object *in, enum json_need need, const char **out)
{
	static const struct text_rule rule = {.min = 1,
	    .max = WEBHOOK_EVENT_NAME_MAX,
	    .matches = webhook_event_known,
	    .form = "an event that a webhook can get",
	    .choice = true};
	const char *const *names;
	size_t count;
	bool present;

	json_read_texts(in, "events", need, EVENTS_MAX, &rule, &names, &count, &present);
	if (present && count == 0)
		json_fault(in, "events", FIELD_TOO_SHORT, "It must name one event at least.");
	for (size_t i = 0; present && i < count; i++) {
		*out = i == 0 ? names[i] : arena_printf(in->arena, "%s,%s", *out, names[i]);
		TRY_ALLOC(*out);
	}
	return ERR_OK;
}

enum err
webhook_read_new(
    struct request *rq, const struct webhook_settings *settings, struct webhook_change *out)
{
	struct webhook_change draft = {.url = NULL};
	struct json_object in;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	read_url(&in, JSON_REQUIRED, settings, &draft.url);
	TRY(read_events(&in, JSON_REQUIRED, &draft.events));
	TRY(json_end(&in));
	*out = draft;
	return ERR_OK;
}

enum err
webhook_read_patch(
    struct request *rq, const struct webhook_settings *settings, struct webhook_change *out)
{
	static const char *const statuses[] = {"active", "disabled", NULL};
	struct webhook_change draft = {.url = NULL};
	struct json_object in;
	int status = 0;

	TRY(query_none(rq));
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	read_url(&in, JSON_NOT_NULL, settings, &draft.url);
	TRY(read_events(&in, JSON_NOT_NULL, &draft.events));
	json_read_choice(&in, "status", JSON_NOT_NULL, statuses, &status, &draft.has_active);
	TRY(json_end(&in));
	draft.active = status == 0;
	*out = draft;
	return ERR_OK;
}
