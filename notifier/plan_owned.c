#include "notifier/plan_owned.h"

#include "notifier/plan_part.h"

enum err
plan_owned_item(struct arena *arena, const char *template, struct plan *plan)
{
	const struct cJSON *item = json_get_object(plan->event.data, "item");
	auto_buf struct buf json;
	struct json_writer w;
	struct id id;
	struct id seller;
	struct money price;
	const char *name;
	int64_t stock;

	buf_init(&json, PLAN_DATA_MAX_BYTES);
	if (!json_get_int(item, "stock", &stock))
		return ERR_MALFORMED;
	TRY(json_get_id(item, "id", &id));
	TRY(json_get_id(item, "seller_id", &seller));
	TRY(plan_read_text(item, "name", &name));
	TRY(json_get_money(item, "price", &price));
	json_writer_init(&w, &json);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", id.text);
	json_put_text(&w, "name", name);
	json_put_money(&w, "price", &price);
	json_put_int(&w, "stock", stock);
	json_object_close(&w);
	return plan_add_only_email(arena, plan, template, &seller, &json);
}

enum err
plan_owned_webhook(struct arena *arena, const char *template, struct plan *plan)
{
	const struct cJSON *webhook = json_get_object(plan->event.data, "webhook");
	auto_buf struct buf json;
	struct json_writer w;
	struct id id;
	struct id owner;
	const char *url;
	const char *reason;

	buf_init(&json, PLAN_DATA_MAX_BYTES);
	TRY(json_get_id(plan->event.data, "owner_id", &owner));
	TRY(json_get_id(webhook, "id", &id));
	TRY(plan_read_text(webhook, "url", &url));
	TRY(plan_read_text(webhook, "disabled_reason", &reason));
	json_writer_init(&w, &json);
	json_object_open(&w, NULL);
	json_put_text(&w, "id", id.text);
	json_put_text(&w, "url", url);
	json_put_text(&w, "reason", reason);
	json_object_close(&w);
	return plan_add_only_email(arena, plan, template, &owner, &json);
}
