#include "notifier/mail_model.h"

#include <string.h>

#include "mail_templates.h"
#include "notifier/mail_template.h"
#include "shared/edge/json.h"

#define MONEY_TEXT_SIZE 40

struct maker { /* what every model is made of */
	struct arena *arena;
	const char *shop_url;
	const struct job *job;
	const struct cJSON *data;
};

/* Text, money and number of an object, as texts.  NULL: not there, or the arena is at its end. */
static const char *
text_of(const struct cJSON *object, const char *name)
{
	return json_get_text(object, name);
}

static const char *
money_of(const struct maker *maker, const struct cJSON *object, const char *name)
{
	const struct cJSON *value = json_get_object(object, name);
	const char *currency = value == NULL ? NULL : json_get_text(value, "currency");
	char text[MONEY_TEXT_SIZE];
	struct money money;

	if (currency == NULL || strlen(currency) != 3 ||
	    !json_get_int(value, "amount", &money.amount_minor))
		return NULL;
	memcpy(money.currency, currency, sizeof(money.currency));
	money_format(&money, text, sizeof(text));
	return arena_strdup(maker->arena, text);
}

static const char *
number_of(const struct maker *maker, const struct cJSON *object, const char *name)
{
	int64_t number;

	if (!json_get_int(object, name, &number))
		return NULL;
	return arena_printf(maker->arena, "%lld", (long long)number);
}

/* shop_url + PATH + the text at NAME. */
static const char *
link_of(const struct maker *maker, const char *path, const char *name)
{
	const char *last = text_of(maker->data, name);

	return last == NULL ? NULL
			    : arena_printf(maker->arena, "%s%s%s", maker->shop_url, path, last);
}

/* Is every text there?  Each struct consists of texts alone but for its list. */
#define TRY_TEXT(text)                                                                             \
	do {                                                                                       \
		if ((text) == NULL)                                                                \
			return ERR_CORRUPT;                                                        \
	} while (0)

static enum err
make_welcome(const struct maker *maker, const void **out)
{
	struct mail_welcome *model = arena_alloc(maker->arena, sizeof(*model));

	TRY_ALLOC(model);
	model->shop_url = maker->shop_url;
	model->name = maker->job->contact.name;
	TRY_TEXT(model->link = link_of(maker, "/auth/email/verify?token=", "token"));
	*out = model;
	return ERR_OK;
}

static enum err
make_item_listed(const struct maker *maker, const void **out)
{
	struct mail_item_listed *model = arena_alloc(maker->arena, sizeof(*model));

	TRY_ALLOC(model);
	model->shop_url = maker->shop_url;
	model->name = maker->job->contact.name;
	TRY_TEXT(model->item = text_of(maker->data, "name"));
	TRY_TEXT(model->price = money_of(maker, maker->data, "price"));
	TRY_TEXT(model->stock = number_of(maker, maker->data, "stock"));
	TRY_TEXT(model->link = link_of(maker, "/item/", "id"));
	*out = model;
	return ERR_OK;
}

struct line_texts {
	const char *name, *quantity, *unit_price, *total;
};

static enum err
read_line(const struct maker *maker, const struct cJSON *object, struct line_texts *line)
{
	TRY_TEXT(line->name = text_of(object, "name"));
	TRY_TEXT(line->quantity = number_of(maker, object, "quantity"));
	TRY_TEXT(line->unit_price = money_of(maker, object, "unit_price"));
	TRY_TEXT(line->total = money_of(maker, object, "total"));
	return ERR_OK;
}

static enum err
make_receipt(const struct maker *maker, const void **out)
{
	struct mail_receipt *model = arena_alloc(maker->arena, sizeof(*model));
	const struct cJSON *lines = json_get_array(maker->data, "lines");
	struct mail_receipt_lines *rows;
	struct line_texts line;

	TRY_ALLOC(model);
	model->shop_url = maker->shop_url;
	model->name = maker->job->contact.name;
	TRY_TEXT(model->number = text_of(maker->data, "number"));
	TRY_TEXT(model->total = money_of(maker, maker->data, "total"));
	TRY_TEXT(model->link = link_of(maker, "/order/", "id"));
	TRY_TEXT(lines);
	rows = arena_array(maker->arena, json_array_size(lines), sizeof(*rows));
	TRY_ALLOC(rows);
	for (const struct cJSON *at = json_first(lines); at != NULL; at = json_next(at)) {
		TRY(read_line(maker, at, &line));
		rows[model->lines_count++] = (struct mail_receipt_lines){
		    line.name, line.quantity, line.unit_price, line.total};
	}
	model->lines = rows;
	*out = model;
	return ERR_OK;
}

static enum err
make_sold(const struct maker *maker, const void **out)
{
	struct mail_sold *model = arena_alloc(maker->arena, sizeof(*model));
	const struct cJSON *lines = json_get_array(maker->data, "lines");
	struct mail_sold_lines *rows;
	struct line_texts line;

	TRY_ALLOC(model);
	model->shop_url = maker->shop_url;
	model->name = maker->job->contact.name;
	TRY_TEXT(model->number = text_of(maker->data, "number"));
	TRY_TEXT(model->total = money_of(maker, maker->data, "total"));
	TRY_TEXT(model->link = link_of(maker, "/order/", "id"));
	TRY_TEXT(lines);
	rows = arena_array(maker->arena, json_array_size(lines), sizeof(*rows));
	TRY_ALLOC(rows);
	for (const struct cJSON *at = json_first(lines); at != NULL; at = json_next(at)) {
		TRY(read_line(maker, at, &line));
		rows[model->lines_count++] =
		    (struct mail_sold_lines){line.name, line.quantity, line.unit_price, line.total};
	}
	model->lines = rows;
	*out = model;
	return ERR_OK;
}

static const struct {
	const char *template;
	enum err (*make)(const struct maker *maker, const void **out);
} makers[] = {
    {"welcome", make_welcome},
    {"item_listed", make_item_listed},
    {"receipt", make_receipt},
    {"sold", make_sold},
};

static enum err
make_model(const struct maker *maker, const void **out)
{
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++)
		if (str_equal(makers[i].template, maker->job->template))
			return makers[i].make(maker, out);
	return ERR_NOT_FOUND;
}

enum err
mail_model_render(
    struct arena *arena, const char *public_url, const struct job *job, struct mail_words *out)
{
	const struct mail_template *template =
	    mail_template_find(job->template, job->contact.locale);
	struct maker maker = {.arena = arena, .shop_url = public_url, .job = job};
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
