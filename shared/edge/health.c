#include "shared/edge/health.h"

#include <string.h>

#include "shared/base/log.h"
#include "shared/edge/json_write.h"

static enum err
run_check(const struct health_check *check, const struct app *app, struct worker *worker,
    const struct deadline *deadline, struct json_writer *w)
{
	char detail[HEALTH_DETAIL_SIZE] = "";
	enum err err = check->run(app, worker, deadline, detail);

	json_object_open(w, NULL);
	json_put_text(w, "name", check->name);
	json_put_bool(w, "ok", err == ERR_OK);
	if (detail[0] != '\0')
		json_put_text(w, "detail", detail);
	json_object_close(w);
	if (err != ERR_OK)
		log_warn("not ready", LOG_TEXT("check", check->name), LOG_ERR(err),
		    LOG_TEXT("detail", detail));
	return err;
}

bool
health_excludes(const char *excluded, const char *name)
{
	size_t len = strlen(name);

	while (*excluded != '\0') {
		size_t entry = strcspn(excluded, ",");

		if (entry == len && strncmp(excluded, name, len) == 0)
			return true;
		excluded += entry + (excluded[entry] == ',');
	}
	return false;
}

enum err
health_ready(const struct health_check *checks, const struct app *app, struct worker *worker,
    const struct deadline *deadline, const char *excluded, struct buf *out)
{
	/* The checks are written aside: the status stands before them. */
	struct buf list auto_buf;
	enum err result = ERR_OK;
	struct json_writer w;

	buf_init(&list, 4096);
	json_writer_init(&w, &list);
	json_array_open(&w, NULL);
	for (; checks != NULL && checks->name != NULL; checks++)
		if (run_check(checks, app, worker, deadline, &w) != ERR_OK &&
		    !health_excludes(excluded, checks->name))
			result = ERR_UNAVAILABLE;
	json_array_close(&w);
	TRY(buf_finish(&list));
	json_writer_init(&w, out);
	json_object_open(&w, NULL);
	json_put_text(&w, "status", result == ERR_OK ? "ok" : "unavailable");
	json_put_raw(&w, "checks", span_of(list.data, list.len));
	json_object_close(&w);
	TRY(buf_finish(out));
	return result;
}
