#include "notifier/health_server.h"

#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "notifier/app.h"
#include "notifier/intake.h"
#include "notifier/job_store.h"
#include "notifier/metric_families.h"
#include "shared/base/log.h"
#include "shared/base/macros.h"
#include "shared/base/thread.h"
#include "shared/edge/health.h"
#include "shared/edge/outbox_metrics.h"
#include "shared/edge/problem.h"
#include "shared/edge/trace_exporter.h"
#include "shared/infra/amqp.h"

#define ANSWER_MAX_BYTES  ((size_t)1024 * 1024)
#define CHECK_MAX_MS      2000
#define COUNT_EVERY_MS    5000
#define CONNECTIONS_MAX   32
#define CONNECTION_BYTES  ((size_t)8 * 1024)
#define CONNECTION_IDLE_S 10

struct health_server {
	const struct app *app;
	struct worker worker;
	struct buf answer;
	int64_t count_at_ms; /* monotonic: when the jobs may be counted again */
	struct MHD_Daemon *daemon;
};

/* --- what is looked at ---------------------------------------------------------------------- */

static enum err
check_postgresql(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)app;
	(void)detail;
	return job_store_ping(worker->pg, deadline);
}

/* The consumers know whether the broker is there.  A connection that nobody looks at between two
 * probes would miss its heartbeats. */
static enum err
check_consumers(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)worker;
	(void)deadline;
	return intake_check(app->intake, detail, HEALTH_DETAIL_SIZE);
}

static const struct health_check checks[] = {
    {"postgresql", check_postgresql},
    {"rabbitmq", check_consumers},
    {NULL, NULL},
};

/* For --check, when nothing is consumed. */
static enum err
check_rabbitmq(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)app;
	(void)detail;
	return amqp_ping(worker->amqp, deadline);
}

static const struct health_check connection_checks[] = {
    {"postgresql", check_postgresql},
    {"rabbitmq", check_rabbitmq},
    {NULL, NULL},
};

static enum err
look(struct health_server *server, const struct health_check *at)
{
	const struct deadline deadline = deadline_in(server->app->clock, CHECK_MAX_MS);

	return health_ready(at, server->app, &server->worker, &deadline, "", &server->answer);
}

/* Counting costs the database something, and several scrapers may come. */
static void
count_jobs(struct health_server *server)
{
	static const char *const none[METRIC_LABELS_MAX] = {NULL};
	static const char *const queued[METRIC_LABELS_MAX] = {"queued"};
	static const char *const failed[METRIC_LABELS_MAX] = {"failed"};
	const struct deadline deadline = deadline_in(server->app->clock, CHECK_MAX_MS);
	struct metrics *metrics = server->app->metrics;
	int64_t now = clock_monotonic_ms(server->app->clock);
	struct job_counts counts;

	if (now < server->count_at_ms ||
	    job_store_count(server->worker.pg, &deadline, &counts) != ERR_OK)
		return;
	server->count_at_ms = now + COUNT_EVERY_MS;
	metric_set(metrics, &metric_jobs, queued, counts.queued);
	metric_set(metrics, &metric_jobs, failed, counts.failed);
	metric_set(metrics, &metric_due, none, counts.due);
	metric_set(metrics, &metric_oldest_due, none, counts.oldest_due_ms);
}

/* --- answering ------------------------------------------------------------------------------ */

static unsigned
answer_healthz(struct health_server *server)
{
	buf_puts(&server->answer, "{\"status\":\"ok\"}");
	return MHD_HTTP_OK;
}

static unsigned
answer_readyz(struct health_server *server)
{
	return look(server, checks) == ERR_OK ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static unsigned
answer_metrics(struct health_server *server)
{
	count_jobs(server);
	outbox_metrics_collect(server->app->outbox, server->app->metrics);
	trace_exporter_collect(server->app->metrics);
	metrics_write(server->app->metrics, &server->answer);
	return MHD_HTTP_OK;
}

static const struct page {
	const char *path;
	const char *content_type;
	unsigned (*answer)(struct health_server *server);
} pages[] = {
    {"/healthz", "application/json", answer_healthz},
    {"/readyz", "application/json", answer_readyz},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", answer_metrics},
};

static enum MHD_Result
send_answer(struct health_server *server, struct MHD_Connection *connection, unsigned status,
    const char *content_type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(
	    server->answer.len, server->answer.data, MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result = MHD_NO;

	if (response == NULL)
		return MHD_NO;
	if (MHD_add_response_header(response, "Content-Type", content_type) == MHD_YES &&
	    MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
	    (status != MHD_HTTP_METHOD_NOT_ALLOWED ||
		MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES))
		result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
refuse(struct health_server *server, struct MHD_Connection *connection, enum err err)
{
	static const struct request nobodys = {.request_id = NULL};

	problem_body(&nobodys, err, &server->answer);
	return send_answer(
	    server, connection, (unsigned)err_status(err), "application/problem+json");
}

static const struct page *
find_page(const char *path)
{
	for (size_t i = 0; i < COUNT_OF(pages); i++)
		if (str_equal(path, pages[i].path))
			return &pages[i];
	return NULL;
}

static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	struct health_server *server = context;
	const struct page *page = find_page(url);
	unsigned status;

	(void)version;
	(void)upload;
	/* The first call is for the headers alone: it must not be answered. */
	if (*request == NULL) {
		*request = server;
		return MHD_YES;
	}
	*upload_size = 0;
	buf_reset(&server->answer);
	if (page == NULL)
		return refuse(server, connection, ERR_NOT_FOUND);
	if (!str_equal(method, "GET") && !str_equal(method, "HEAD"))
		return refuse(server, connection, ERR_METHOD);
	status = page->answer(server);
	return send_answer(server, connection, status, page->content_type);
}

/* --- starting and stopping ------------------------------------------------------------------ */

/* "host:port", "[::1]:port". */
static enum err
resolve(const char *text, struct addrinfo **out)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
	const char *colon = strrchr(text, ':');
	char host[80];
	size_t len;

	if (colon == NULL || (size_t)(colon - text) >= sizeof(host))
		return ERR_CONFIG;
	len = (size_t)(colon - text);
	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	return getaddrinfo(len > 0 ? host : NULL, colon + 1, &hints, out) == 0 ? ERR_OK
									       : ERR_CONFIG;
}

static struct MHD_Daemon *
listen_on(struct health_server *server, const struct addrinfo *address)
{
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL;

	if (address->ai_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	return MHD_start_daemon(flags, 0, NULL, NULL, handle, server, MHD_OPTION_SOCK_ADDR,
	    address->ai_addr, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)CONNECTION_IDLE_S, MHD_OPTION_THREAD_STACK_SIZE, THREAD_STACK_BYTES,
	    MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_END);
}

static enum err
server_init(const struct app *app, struct health_server *server)
{
	server->app = app;
	buf_init(&server->answer, ANSWER_MAX_BYTES);
	return pg_new(app->settings->database.url, CHECK_MAX_MS, app->clock, &server->worker.pg);
}

static void
server_fini(struct health_server *server)
{
	pg_free(&server->worker.pg);
	amqp_free(&server->worker.amqp);
	buf_fini(&server->answer);
}

enum err
health_server_start(const struct app *app, struct health_server **out)
{
	struct health_server *server = calloc(1, sizeof(*server));
	struct addrinfo *address = NULL;
	enum err err;

	TRY_ALLOC(server);
	err = server_init(app, server);
	if (err == ERR_OK)
		err = resolve(app->settings->health_address, &address);
	if (err == ERR_OK) {
		server->daemon = listen_on(server, address);
		freeaddrinfo(address);
		if (server->daemon == NULL)
			err = ERR_CONFIG;
	}
	if (err != ERR_OK) {
		log_error("can't listen for health and metrics", LOG_ERR(err),
		    LOG_TEXT("address", app->settings->health_address));
		health_server_stop(&server);
		return err;
	}
	*out = server;
	return ERR_OK;
}

void
health_server_stop(struct health_server **server)
{
	struct health_server *own = *server;

	if (own == NULL)
		return;
	if (own->daemon != NULL)
		MHD_stop_daemon(own->daemon);
	server_fini(own);
	free(own);
	*server = NULL;
}

enum err
health_server_check(const struct app *app)
{
	struct health_server server = {0};
	enum err err = server_init(app, &server);

	if (err == ERR_OK)
		err = amqp_new(
		    app->settings->broker.url, "notifier.check", app->clock, &server.worker.amqp);
	if (err == ERR_OK) {
		err = look(&server, connection_checks);
		(void)puts(server.answer.data != NULL ? server.answer.data : "");
	}
	server_fini(&server);
	return err;
}
