#include "notifier/plan_user.h"

#include "notifier/plan_part.h"
#include "shared/base/clock.h"

/* As long as auth takes the tokens. */
#define VERIFICATION_MS ((int64_t)24 * 3600 * 1000)
#define RESET_MS        ((int64_t)30 * 60 * 1000)

/* A text that may be null or absent. */
static const char *
text_or_empty(const struct cJSON *object, const char *name)
{
	const char *text = json_get_text(object, name);

	return text != NULL ? text : "";
}

static enum err
learn_contact(struct plan *plan)
{
	const struct cJSON *user = json_get_object(plan->event.data, "user");

	TRY(json_get_id(user, "id", &plan->contact.user_id));
	TRY(plan_read_text(user, "email", &plan->contact.email));
	TRY(plan_read_text(user, "name", &plan->contact.name));
	plan->contact.locale = text_or_empty(user, "locale");
	plan->has_contact = true;
	return ERR_OK;
}

static enum err
add_token_email(struct arena *arena, const char *template, const char *token_name, int64_t good_ms,
    struct plan *plan)
{
	auto_buf struct buf json;
	struct json_writer w;
	const char *token;

	buf_init(&json, PLAN_DATA_MAX_BYTES);
	TRY(learn_contact(plan));
	TRY(plan_read_text(plan->event.data, token_name, &token));
	json_writer_init(&w, &json);
	json_object_open(&w, NULL);
	json_put_text(&w, "token", token);
	json_put_int(&w, "expires_at_ms", plan->event.head.time_ms + good_ms);
	json_object_close(&w);
	return plan_add_only_email(arena, plan, template, &plan->contact.user_id, &json);
}

enum err
plan_user_verification(struct arena *arena, const char *template, struct plan *plan)
{
	return add_token_email(arena, template, "verification_token", VERIFICATION_MS, plan);
}

enum err
plan_user_reset(struct arena *arena, const char *template, struct plan *plan)
{
	return add_token_email(arena, template, "reset_token", RESET_MS, plan);
}

enum err
plan_user_access(struct arena *arena, const char *template, struct plan *plan)
{
	const struct cJSON *data = plan->event.data;
	auto_buf struct buf json;
	struct json_writer w;
	const char *at;
	int64_t at_ms;

	buf_init(&json, PLAN_DATA_MAX_BYTES);
	TRY(learn_contact(plan));
	TRY(plan_read_text(data, "at", &at));
	TRY(time_parse(at, &at_ms));
	json_writer_init(&w, &json);
	json_object_open(&w, NULL);
	json_put_int(&w, "at_ms", at_ms);
	json_put_text(&w, "address", text_or_empty(data, "address"));
	json_put_text(&w, "user_agent", text_or_empty(data, "user_agent"));
	json_put_text(&w, "reason", text_or_empty(data, "reason"));
	json_object_close(&w);
	return plan_add_only_email(arena, plan, template, &plan->contact.user_id, &json);
}

enum err
plan_user_deleted(struct arena *arena, const char *template, struct plan *plan)
{
	const struct cJSON *user = json_get_object(plan->event.data, "user");

	(void)arena;
	(void)template;
	TRY(json_get_id(user, "id", &plan->contact.user_id));
	plan->contact.email = plan->contact.name = plan->contact.locale = "";
	plan->contact.deleted = true;
	plan->has_contact = true;
	return ERR_OK;
}

enum err
plan_user_known(struct arena *arena, const char *template, struct plan *plan)
{
	(void)arena;
	(void)template;
	return learn_contact(plan);
}
