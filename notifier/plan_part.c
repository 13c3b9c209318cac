#include "notifier/plan_part.h"

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
