#include "notifier/mail_model.h"

#include <string.h>

#include "notifier/mail_format.h"
#include "notifier/mail_template.h"
#include "notifier/webhook.h"
#include "shared/edge/json.h"

struct maker { /* what every model is made of */
	struct arena *arena;
	const char *shop_url;
	int64_t now_ms;
	const struct job *job;
	const struct mail_template *template;
	const struct cJSON *data;
};

/* --- texts ---------------------------------------------------------------------------------- */

/* Text, money, number and time of an object, as texts.  NULL: not there, or the arena is at its
 * end. */
static const char *
text_of(const struct cJSON *object, const char *name)
{
	return json_get_text(object, name);
}

static const char *
money_of(const struct maker *maker, const struct cJSON *object, const char *name)
{
	const struct cJSON *value = json_get_object(object, name);
	const char *currency = json_get_text(value, "currency");
	struct money money;

	if (currency == NULL || strlen(currency) != 3 ||
	    !json_get_int(value, "amount", &money.amount_minor))
		return NULL;
	memcpy(money.currency, currency, sizeof(money.currency));
	return mail_format_money(maker->arena, maker->template->manner, &money);
}

static const char *
number_of(const struct maker *maker, const struct cJSON *object, const char *name)
{
	int64_t number;

	if (!json_get_int(object, name, &number))
		return NULL;
	return mail_format_number(maker->arena, maker->template->manner, number);
}

static const char *
time_of(const struct maker *maker, const struct cJSON *object, const char *name)
{
	int64_t unix_ms;

	if (!json_get_int(object, name, &unix_ms))
		return NULL;
	return mail_format_time(maker->arena, maker->template->manner, unix_ms);
}

/* Is every text there?  Each struct consists of texts alone but for its list. */
#define TRY_TEXT(text)                                                                             \
	do {                                                                                       \
		if ((text) == NULL)                                                                \
			return ERR_CORRUPT;                                                        \
	} while (0)

/* --- models --------------------------------------------------------------------------------- */

/* What all have in common; the link is shop_url + PATH + LAST. */
static enum err
make_common(
    const struct maker *maker, const char *path, const char *last, struct mail_common *common)
{
	common->shop_url = maker->shop_url;
	common->name = maker->job->contact.name;
	TRY_TEXT(last);
	TRY_TEXT(common->link = arena_printf(maker->arena, "%s%s%s", maker->shop_url, path, last));
	return ERR_OK;
}

static enum err
make_token(const struct maker *maker, const void **out)
{
	struct mail_token *model = arena_alloc(maker->arena, sizeof(*model));
	const char *path = str_equal(maker->job->template, "password_reset")
	    ? "/reset-password?token="
	    : "/verify-email?token=";
	int64_t expires_at_ms;

	TRY_ALLOC(model);
	TRY(make_common(maker, path, text_of(maker->data, "token"), &model->common));
	/* Jobs that an older release made don't say. */
	if (json_get_int(maker->data, "expires_at_ms", &expires_at_ms) &&
	    expires_at_ms <= maker->now_ms)
		return ERR_TOKEN_SPENT;
	*out = model;
	return ERR_OK;
}

static enum err
make_access(const struct maker *maker, const void **out)
{
	struct mail_access *model = arena_alloc(maker->arena, sizeof(*model));
	const char *reason;

	TRY_ALLOC(model);
	TRY(make_common(maker, "/reset-password", "", &model->common));
	TRY_TEXT(model->at = time_of(maker, maker->data, "at_ms"));
	TRY_TEXT(model->address = text_of(maker->data, "address"));
	TRY_TEXT(model->user_agent = text_of(maker->data, "user_agent"));
	TRY_TEXT(reason = text_of(maker->data, "reason"));
	model->token_reused = str_equal(reason, "refresh_reused") ? reason : "";
	*out = model;
	return ERR_OK;
}

static enum err
make_item(const struct maker *maker, const void **out)
{
	struct mail_item *model = arena_alloc(maker->arena, sizeof(*model));

	TRY_ALLOC(model);
	TRY(make_common(maker, "/item/", text_of(maker->data, "id"), &model->common));
	TRY_TEXT(model->item = text_of(maker->data, "name"));
	TRY_TEXT(model->price = money_of(maker, maker->data, "price"));
	TRY_TEXT(model->stock = number_of(maker, maker->data, "stock"));
	*out = model;
	return ERR_OK;
}

static enum err
make_line(const struct maker *maker, const struct cJSON *object, struct mail_order_lines *line)
{
	TRY_TEXT(line->name = text_of(object, "name"));
	TRY_TEXT(line->quantity = number_of(maker, object, "quantity"));
	TRY_TEXT(line->unit_price = money_of(maker, object, "unit_price"));
	TRY_TEXT(line->total = money_of(maker, object, "total"));
	return ERR_OK;
}

static enum err
make_order(const struct maker *maker, const void **out)
{
	struct mail_order *model = arena_alloc(maker->arena, sizeof(*model));
	const struct cJSON *lines = json_get_array(maker->data, "lines");
	struct mail_order_lines *rows;

	TRY_ALLOC(model);
	TRY(make_common(maker, "/order/", text_of(maker->data, "id"), &model->common));
	TRY_TEXT(model->number = text_of(maker->data, "number"));
	TRY_TEXT(model->total = money_of(maker, maker->data, "total"));
	model->tracking = text_of(maker->data, "tracking");
	if (model->tracking == NULL)
		model->tracking = "";
	TRY_TEXT(lines);
	rows = arena_array(maker->arena, json_array_size(lines), sizeof(*rows));
	TRY_ALLOC(rows);
	for (const struct cJSON *at = json_first(lines); at != NULL; at = json_next(at))
		TRY(make_line(maker, at, &rows[model->lines_count++]));
	model->lines = rows;
	*out = model;
	return ERR_OK;
}

static enum err
make_webhook(const struct maker *maker, const void **out)
{
	struct mail_webhook *model = arena_alloc(maker->arena, sizeof(*model));
	const char *reason;

	TRY_ALLOC(model);
	TRY(make_common(maker, "/webhook/", text_of(maker->data, "id"), &model->common));
	TRY_TEXT(model->url = text_of(maker->data, "url"));
	TRY_TEXT(reason = text_of(maker->data, "reason"));
	/* Those that are known the template says in its own words. */
	model->gone = str_equal(reason, WEBHOOK_REASON_GONE) ? reason : "";
	model->failing = str_equal(reason, WEBHOOK_REASON_FAILING) ? reason : "";
	model->reason = model->gone[0] == '\0' && model->failing[0] == '\0' ? reason : "";
	*out = model;
	return ERR_OK;
}

static enum err
make_model(const struct maker *maker, const void **out)
{
	static enum err (*const makers[])(const struct maker *maker, const void **out) = {
	    [MAIL_MODEL_TOKEN] = make_token,
	    [MAIL_MODEL_ACCESS] = make_access,
	    [MAIL_MODEL_ITEM] = make_item,
	    [MAIL_MODEL_ORDER] = make_order,
	    [MAIL_MODEL_WEBHOOK] = make_webhook,
	};

	return makers[maker->template->model](maker, out);
}

enum err
mail_model_render(struct arena *arena, const char *public_url, int64_t now_ms,
    const struct job *job, struct mail_words *out)
{
	const struct mail_template *template =
	    mail_template_find(job->template, job->contact.locale);
	struct maker maker = {arena, public_url, now_ms, job, template, NULL};
	const void *model;
	enum err err;

	if (template == NULL)
		return ERR_NOT_FOUND;
	if (job->data == NULL ||
	    json_parse(arena, span_of(job->data, strlen(job->data)), NULL, &maker.data) != ERR_OK)
		return ERR_CORRUPT;
	err = make_model(&maker, &model);
	/* At the arena's end a text is missing too. */
	if (arena_overflowed(arena))
		return ERR_MEMORY;
	TRY(err);
	buf_reset(&out->subject);
	buf_reset(&out->text);
	buf_reset(&out->html);
	template->subject(model, &out->subject);
	template->text(model, &out->text);
	template->html(model, &out->html);
	TRY(buf_finish(&out->subject));
	TRY(buf_finish(&out->text));
	return buf_finish(&out->html);
}
