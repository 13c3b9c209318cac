/*
 * tests/unit/infra/http_server: a small HTTP server (libmicrohttpd) that answers as it is told.
 *
 * One row a path.  A row with an ETag answers 304 to whoever names it.  What was asked is kept, and
 * a test can wait for a number of questions instead of for a time.
 */
#ifndef TESTS_UNIT_INFRA_HTTP_SERVER_H
#define TESTS_UNIT_INFRA_HTTP_SERVER_H

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shared/base/check.h"
#include "shared/base/str.h"

#define HTTP_ROWS     8
#define HTTP_BODY_MAX 8192
#define HTTP_WAIT_S   30 /* far beyond what any answer takes */

struct http_row {
	const char *path;
	unsigned status;
	char body[HTTP_BODY_MAX];
	char etag[64];   /* or "" */
	bool hangs;      /* says nothing until the server stops */
	const char *key; /* one further header, or NULL */
	const char *value;

	unsigned asked; /* how often so far */
	char if_none_match[64];
	char since[64];      /* the query's, or "" */
	char received[4096]; /* the body of the last POST, or "" */
	char posted_id[64];  /* its webhook-id, or "" */
};

struct http_server {
	struct MHD_Daemon *daemon;
	char url[32];
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool stopping;
	struct http_row rows[HTTP_ROWS];
};

static inline struct http_row *
http_row_of(struct http_server *server, const char *path)
{
	for (size_t i = 0; i < HTTP_ROWS; i++)
		if (server->rows[i].path != NULL && str_equal(server->rows[i].path, path))
			return &server->rows[i];
	return NULL;
}

static inline void
http_note(struct http_row *row, struct MHD_Connection *connection)
{
	const char *etag =
	    MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "If-None-Match");
	const char *since = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "since");
	const char *id = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-id");

	row->asked++;
	(void)snprintf(
	    row->if_none_match, sizeof(row->if_none_match), "%s", etag != NULL ? etag : "");
	(void)snprintf(row->since, sizeof(row->since), "%s", since != NULL ? since : "");
	(void)snprintf(row->posted_id, sizeof(row->posted_id), "%s", id != NULL ? id : "");
}

/* A body comes in parts, after a call for the headers alone.  True once it is whole. */
static inline bool
http_take_body(struct http_server *server, const char *url, const char *upload, size_t *upload_size,
    void **request)
{
	struct http_row *row = http_row_of(server, url);
	bool first = *request == NULL;
	bool whole = !first && *upload_size == 0;

	*request = server;
	if (row != NULL && first)
		row->received[0] = '\0';
	if (row != NULL && !whole && *upload_size > 0) {
		size_t len = strlen(row->received);

		(void)snprintf(row->received + len, sizeof(row->received) - len, "%.*s",
		    (int)*upload_size, upload);
	}
	*upload_size = 0;
	return whole;
}

static inline enum MHD_Result
http_answer(struct MHD_Connection *connection, const struct http_row *row)
{
	bool same = row->etag[0] != '\0' && str_equal(row->etag, row->if_none_match);
	char *body = strdup(row->body);
	struct MHD_Response *response;
	enum MHD_Result result;

	check(body != NULL);
	response =
	    MHD_create_response_from_buffer(same ? 0 : strlen(body), body, MHD_RESPMEM_MUST_FREE);
	check(response != NULL);
	if (row->etag[0] != '\0')
		(void)MHD_add_response_header(response, "ETag", row->etag);
	if (row->key != NULL)
		(void)MHD_add_response_header(response, row->key, row->value);
	result = MHD_queue_response(connection, same ? 304 : row->status, response);
	MHD_destroy_response(response);
	return result;
}

static inline enum MHD_Result
http_handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
	struct http_server *server = context;
	struct http_row missing = {.status = 404};
	struct http_row row;
	struct http_row *found;

	(void)method;
	(void)version;
	check(pthread_mutex_lock(&server->mutex) == 0);
	if (!http_take_body(server, url, upload, upload_size, request)) {
		check(pthread_mutex_unlock(&server->mutex) == 0);
		return MHD_YES;
	}
	found = http_row_of(server, url);
	if (found != NULL)
		http_note(found, connection);
	check(pthread_cond_broadcast(&server->changed) == 0);
	while (found != NULL && found->hangs && !server->stopping)
		check(pthread_cond_wait(&server->changed, &server->mutex) == 0);
	row = found != NULL ? *found : missing;
	check(pthread_mutex_unlock(&server->mutex) == 0);
	return http_answer(connection, &row);
}

static inline void
http_server_start(struct http_server *server)
{
	const union MHD_DaemonInfo *info;
	struct sockaddr_in address = {.sin_family = AF_INET};

	*server = (struct http_server){0};
	check(pthread_mutex_init(&server->mutex, NULL) == 0);
	check(pthread_cond_init(&server->changed, NULL) == 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->daemon = MHD_start_daemon(
	    MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL,
	    http_handle, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_END);
	check(server->daemon != NULL);
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	check(info != NULL);
	(void)snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u", info->port);
}

static inline void
http_server_stop(struct http_server *server)
{
	check(pthread_mutex_lock(&server->mutex) == 0);
	server->stopping = true;
	check(pthread_cond_broadcast(&server->changed) == 0);
	check(pthread_mutex_unlock(&server->mutex) == 0);
	if (server->daemon != NULL)
		MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
}

/* Adds or changes the row of PATH (a string that lives on). */
static inline void
http_server_say(struct http_server *server, const char *path, unsigned status, const char *body,
    const char *etag)
{
	struct http_row *row;

	check(pthread_mutex_lock(&server->mutex) == 0);
	row = http_row_of(server, path);
	for (size_t i = 0; row == NULL; i++) {
		check(i < HTTP_ROWS);
		if (server->rows[i].path == NULL)
			row = &server->rows[i];
	}
	row->path = path;
	row->status = status;
	check(strlen(body) < sizeof(row->body));
	memcpy(row->body, body, strlen(body) + 1);
	(void)snprintf(row->etag, sizeof(row->etag), "%s", etag);
	check(pthread_mutex_unlock(&server->mutex) == 0);
}

/* A copy of what is known of PATH. */
static inline struct http_row
http_server_row(struct http_server *server, const char *path)
{
	struct http_row *found;
	struct http_row row;

	check(pthread_mutex_lock(&server->mutex) == 0);
	found = http_row_of(server, path);
	check(found != NULL);
	row = *found;
	check(pthread_mutex_unlock(&server->mutex) == 0);
	return row;
}

static inline void
http_server_hang(struct http_server *server, const char *path, bool hangs)
{
	check(pthread_mutex_lock(&server->mutex) == 0);
	http_row_of(server, path)->hangs = hangs;
	check(pthread_cond_broadcast(&server->changed) == 0);
	check(pthread_mutex_unlock(&server->mutex) == 0);
}

/* Until PATH was asked for COUNT times more.  False after HTTP_WAIT_S. */
static inline bool
http_server_await(struct http_server *server, const char *path, unsigned count)
{
	struct http_row *row;
	struct timespec until;
	unsigned wanted;
	int waited = 0;

	check(clock_gettime(CLOCK_REALTIME, &until) == 0);
	until.tv_sec += HTTP_WAIT_S;
	check(pthread_mutex_lock(&server->mutex) == 0);
	row = http_row_of(server, path);
	check(row != NULL);
	wanted = row->asked + count;
	while (row->asked < wanted && waited == 0)
		waited = pthread_cond_timedwait(&server->changed, &server->mutex, &until);
	check(pthread_mutex_unlock(&server->mutex) == 0);
	return waited == 0;
}

#endif
