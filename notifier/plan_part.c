#include "notifier/plan_part.h"

#include <string.h>

enum err
plan_read_id(const struct cJSON *object, const char *name, struct id *out)
{
	const char *text = json_get_text(object, name);

	return text == NULL ? ERR_MALFORMED : id_parse(text, out);
}

enum err
plan_read_text(const struct cJSON *object, const char *name, const char **out)
{
	const char *text = json_get_text(object, name);

	if (text == NULL)
		return ERR_MALFORMED;
	*out = text;
	return ERR_OK;
}

enum err
plan_read_money(const struct cJSON *object, const char *name, struct money *out)
{
	const struct cJSON *value = json_get_object(object, name);
	const char *currency = json_get_text(value, "currency");
	struct money money;

	if (currency == NULL || strlen(currency) != 3 ||
	    !json_get_int(value, "amount", &money.amount_minor) || money.amount_minor < 0 ||
	    money.amount_minor > MONEY_AMOUNT_MAX)
		return ERR_MALFORMED;
	memcpy(money.currency, currency, sizeof(money.currency));
	*out = money;
	return ERR_OK;
}

enum err
plan_make_room(struct arena *arena, struct plan *plan, size_t count)
{
	plan->jobs = arena_array(arena, count, sizeof(*plan->jobs));
	TRY_ALLOC(plan->jobs);
	return ERR_OK;
}

enum err
plan_add_email(struct arena *arena, struct plan *plan, const char *template,
    const struct id *recipient, const struct buf *data)
{
	struct planned_job *job = &plan->jobs[plan->job_count];

	TRY(buf_finish(data));
	job->channel = CHANNEL_EMAIL;
	job->template = template;
	job->recipient = *recipient;
	job->data = arena_memdup(arena, data->data, data->len);
	TRY_ALLOC(job->data);
	plan->job_count++;
	return ERR_OK;
}

enum err
plan_add_only_email(struct arena *arena, struct plan *plan, const char *template,
    const struct id *recipient, const struct buf *data)
{
	TRY(plan_make_room(arena, plan, 1));
	return plan_add_email(arena, plan, template, recipient, data);
}
