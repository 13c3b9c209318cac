/*
 * tests/component/probe_main: a program with the real service around a few handlers, one for each
 * thing that the edge must do right.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/edge/json.h"
#include "shared/edge/program.h"
#include "shared/edge/query.h"
#include "shared/edge/service.h"

#define USER_ID "01900000-0000-7000-8000-000000000001"

struct settings {
	struct service_settings service;
	const char *folder;
};

static const struct config_row probe_rows[] = {
    {
	.name = "PROBE_FOLDER",
	.type = CONFIG_TEXT,
	.offset = offsetof(struct settings, folder),
	.max = 1000,
	.fallback = ".",
	.text = "Where the FIFOs of /slow are.",
    },
    {.name = NULL},
};
static const struct config_table tables[] = {
    {program_settings_rows, 0},
    {service_settings_rows, 0},
    {probe_rows, 0},
    {NULL, 0},
};

struct app {
	const struct settings *settings;
};

/* What came in, told back. */
static enum err
echo(const struct app *app, struct request *rq, struct response *rs)
{
	struct json_writer w;

	(void)app;
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_put_text(&w, "method", method_name(rq->method));
	json_put_text(&w, "path", rq->path);
	json_put_text(&w, "query", rq->query);
	json_put_text(&w, "param", rq->params[0]);
	json_put_text(&w, "address", rq->address);
	json_put_text(&w, "user_agent", rq->user_agent);
	json_put_text(&w, "host", rq->host);
	json_put_bool(&w, "secure", rq->secure);
	json_put_text(&w, "trace_id", rq->trace.trace_id);
	json_put_text(&w, "user", rq->principal != NULL ? rq->principal->user_id.text : NULL);
	json_put_int(&w, "body_bytes", (int64_t)rq->body.len);
	json_object_close(&w);
	return response_json(rs, 200);
}

/* Waits until somebody opens PROBE_FOLDER/NAME, a FIFO, for writing. */
static enum err
wait_for_fifo(const struct app *app, struct request *rq, struct response *rs)
{
	int fd auto_close = -1;
	const char *path = arena_printf(rq->arena, "%s/%s", app->settings->folder, rq->params[0]);
	char byte;

	TRY_ALLOC(path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_NOT_FOUND;
	while (read(fd, &byte, 1) > 0)
		continue;
	return response_empty(rs, 204);
}

static enum err
read_object(const struct app *app, struct request *rq, struct response *rs)
{
	static const struct text_rule name_rule = {.min = 1, .max = 10};
	struct json_object in;
	const char *name;

	(void)app;
	TRY(json_begin(&in, rq->arena, rq->body, &rq->fault));
	json_read_text(&in, "name", JSON_REQUIRED, &name_rule, &name, NULL);
	TRY(json_end(&in));
	return response_empty(rs, 204);
}

/* A header whose value the client chose. */
static enum err
set_header(const struct app *app, struct request *rq, struct response *rs)
{
	static const struct text_rule rule = {.max = 1000, .anything = true};
	const char *value = "";
	struct query query;

	(void)app;
	TRY(query_begin(&query, rq));
	query_read_text(&query, "value", &rule, &value, NULL);
	TRY(query_end(&query));
	TRY(response_header(rs, "X-Chosen", "%s", value));
	return response_empty(rs, 204);
}

static enum err
show_resource(const struct app *app, struct request *rq, struct response *rs)
{
	bool not_modified;

	(void)app;
	TRY(response_cache(rs, "public, max-age=60"));
	TRY(response_etag(rs, rq, "\"7\"", &not_modified));
	if (not_modified)
		return ERR_OK;
	return response_bytes(rs, 200, "text/plain", span_of("0123456789", 10));
}

static enum err
send_much(const struct app *app, struct request *rq, struct response *rs)
{
	static const char line[65] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n";

	(void)app;
	(void)rq;
	for (size_t i = 0; i < 32768; i++)
		buf_put(rs->buf, line, 64);
	TRY(buf_finish(rs->buf));
	return response_bytes(rs, 200, "text/plain", span_of(rs->buf->data, rs->buf->len));
}

/* The error of that name. */
static enum err
fail(const struct app *app, struct request *rq, struct response *rs)
{
	(void)app;
	(void)rs;
	for (enum err err = ERR_OK; err < ERR_COUNT; err++)
		if (str_equal(err_name(err), rq->params[0]))
			return err == ERR_OK ? ERR_OK : fault_set(&rq->fault, err, "secret detail");
	return ERR_NOT_FOUND;
}

static const struct route routes[] = {
    {METHOD_GET, "/echo", "echo", echo, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_POST, "/echo", "postEcho", echo, ACCESS_PUBLIC, BODY_JSON, 0, NULL},
    {METHOD_PATCH, "/echo", "patchEcho", echo, ACCESS_PUBLIC, BODY_MERGE_PATCH, 0, NULL},
    {METHOD_GET, "/echo/{name}", "echoParam", echo, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_POST, "/small", "small", echo, ACCESS_PUBLIC, BODY_JSON, 1024, NULL},
    {METHOD_POST, "/object", "object", read_object, ACCESS_PUBLIC, BODY_JSON, 0, NULL},
    {METHOD_POST, "/optional", "optional", echo, ACCESS_PUBLIC, BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_GET, "/slow/{name}", "slow", wait_for_fifo, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_GET, "/header", "header", set_header, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_GET, "/resource", "resource", show_resource, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_GET, "/much", "much", send_much, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_GET, "/fail/{error}", "fail", fail, ACCESS_PUBLIC, BODY_NONE, 0, NULL},
    {METHOD_GET, "/limited", "limited", echo, ACCESS_PUBLIC, BODY_NONE, 0, "twice"},
    {METHOD_GET, "/internal", "internal", echo, ACCESS_INTERNAL, BODY_NONE, 0, NULL},
    {METHOD_GET, "/optional", "maybe", echo, ACCESS_OPTIONAL, BODY_NONE, 0, NULL},
    {METHOD_GET, "/bearer", "bearer", echo, ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_GET, "/admin", "admin", echo, ACCESS_ADMIN, BODY_NONE, 0, NULL},
    {.pattern = NULL},
};

/* "good" is a customer's token, "admin" an admin's, "away" can't be checked. */
static enum err
verify(void *context, struct arena *arena, const char *token, struct principal *out)
{
	(void)context;
	(void)arena;
	if (str_equal(token, "away"))
		return ERR_UNAVAILABLE;
	if (!str_equal(token, "good") && !str_equal(token, "admin"))
		return ERR_TOKEN_INVALID;
	*out = (struct principal){.roles = str_equal(token, "admin") ? ROLE_ADMIN : ROLE_CUSTOMER};
	return id_parse(USER_ID, &out->user_id);
}

static enum err
check_folder(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)worker;
	(void)deadline;
	if (access(app->settings->folder, R_OK) == 0)
		return ERR_OK;
	memcpy(detail, "gone", 5);
	return ERR_UNAVAILABLE;
}

static const struct health_check checks[] = {
    {"folder", check_folder},
    {NULL, NULL},
};

static int
serve(void *context)
{
	const struct settings *settings = context;
	struct app app = {settings};
	struct service service = {
	    .name = "probe",
	    .settings = &settings->service,
	    .clock = &clock_system,
	    .routes = routes,
	    .checks = checks,
	    .authenticator = {verify, NULL},
	    .policies = {{"twice", 2, 3600}},
	    .app = &app,
	};

	return service_main(&service);
}

int
main(int argc, char **argv)
{
	struct settings settings;

	return program_main(argc, argv, "probe", tables, &settings, NULL, routes, serve);
}
