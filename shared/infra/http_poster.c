#include "shared/infra/http_poster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <curl/curl.h>

#include "shared/base/check.h"
#include "shared/base/num.h"
#include "shared/infra/address_policy.h"

/* Of a longer answer no more is read, and its connection is not used again. */
#define RESPONSE_READ_MAX ((size_t)64 * 1024)
#define CONNECTIONS_KEPT  64L
/* Handles that are kept when there is nothing to do. */
#define IDLE_KEPT 16

struct transfer {
	CURL *easy;
	struct http_poster *poster;
	struct curl_slist *headers;
	void *context;
	const char *refused; /* what kind of address it would have been, the last time */
	int64_t began_ms;
	size_t received;
	size_t kept;
	char response[HTTP_POSTED_RESPONSE_MAX];
	char error[CURL_ERROR_SIZE];
	struct transfer *next;
};

struct http_poster {
	struct http_poster_rules rules;
	const struct clock *clock;
	CURLM *multi;
	struct transfer *busy;
	struct transfer *idle;
	size_t busy_count, idle_count;
};

/* --- callbacks ------------------------------------------------------------------------------ */

static curl_socket_t
open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;

	(void)purpose;
	if (!transfer->poster->rules.allow_private) {
		transfer->refused = address_policy_refuses(&address->addr);
		if (transfer->refused != NULL)
			return CURL_SOCKET_BAD;
	}
	return socket(
	    address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
}

static size_t
receive(char *data, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t room = sizeof(transfer->response) - transfer->kept;
	size_t len;

	if (!num_mul_size(size, count, &len))
		return 0;
	memcpy(transfer->response + transfer->kept, data, len < room ? len : room);
	transfer->kept += len < room ? len : room;
	transfer->received += len;
	/* Anything but LEN ends the transfer. */
	return transfer->received > RESPONSE_READ_MAX ? 0 : len;
}

/* --- a transfer ----------------------------------------------------------------------------- */

static CURLcode
set_up(struct transfer *transfer)
{
	const struct http_poster_rules *rules = &transfer->poster->rules;
	const char *protocols = rules->allow_http ? "http,https" : "https";
	CURL *easy = transfer->easy;
	CURLcode code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);

#define SET(option, value)                                                                         \
	if (code == CURLE_OK)                                                                      \
	code = curl_easy_setopt(easy, option, value)
	SET(CURLOPT_PROTOCOLS_STR, protocols);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, rules->user_agent);
	SET(CURLOPT_TIMEOUT_MS, (long)rules->timeout_ms);
	/* A name server that is silent must not hold up the others when its time is over. */
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, transfer);
	SET(CURLOPT_WRITEFUNCTION, receive);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_ERRORBUFFER, transfer->error);
	SET(CURLOPT_PRIVATE, transfer);
	SET(CURLOPT_POST, 1L);
#undef SET
	return code;
}

static void
transfer_free(struct transfer *transfer)
{
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	free(transfer);
}

static enum err
transfer_new(struct http_poster *poster, struct transfer **out)
{
	struct transfer *transfer = calloc(1, sizeof(*transfer));

	TRY_ALLOC(transfer);
	transfer->poster = poster;
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL || set_up(transfer) != CURLE_OK) {
		transfer_free(transfer);
		return ERR_MEMORY;
	}
	*out = transfer;
	return ERR_OK;
}

static enum err
take_idle(struct http_poster *poster, struct transfer **out)
{
	struct transfer *transfer = poster->idle;

	if (transfer == NULL)
		return transfer_new(poster, out);
	poster->idle = transfer->next;
	poster->idle_count--;
	transfer->refused = NULL;
	transfer->received = transfer->kept = 0;
	transfer->error[0] = '\0';
	*out = transfer;
	return ERR_OK;
}

static void
put_idle(struct http_poster *poster, struct transfer *transfer)
{
	(void)curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
	if (poster->idle_count == IDLE_KEPT) {
		transfer_free(transfer);
		return;
	}
	transfer->next = poster->idle;
	poster->idle = transfer;
	poster->idle_count++;
}

static enum err
add_headers(struct transfer *transfer, const struct http_post *post)
{
	for (size_t i = 0; i < HTTP_POST_HEADERS_MAX && post->headers[i] != NULL; i++) {
		struct curl_slist *longer;

		if (strpbrk(post->headers[i], "\r\n") != NULL)
			return ERR_MALFORMED;
		longer = curl_slist_append(transfer->headers, post->headers[i]);
		TRY_ALLOC(longer);
		transfer->headers = longer;
	}
	return ERR_OK;
}

static enum err
load(struct transfer *transfer, const struct http_post *post)
{
	CURL *easy = transfer->easy;

	TRY(add_headers(transfer, post));
	if (curl_easy_setopt(easy, CURLOPT_URL, post->url) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.len) !=
		CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, post->body.data) != CURLE_OK)
		return ERR_MEMORY;
	transfer->context = post->context;
	transfer->began_ms = clock_monotonic_ms(transfer->poster->clock);
	return ERR_OK;
}

enum err
http_poster_begin(struct http_poster *poster, const struct http_post *post)
{
	struct transfer *transfer;
	enum err err;

	if (poster->busy_count == poster->rules.transfers_max)
		return ERR_BUSY;
	TRY(take_idle(poster, &transfer));
	err = load(transfer, post);
	if (err == ERR_OK && curl_multi_add_handle(poster->multi, transfer->easy) != CURLM_OK)
		err = ERR_MEMORY;
	if (err != ERR_OK) {
		put_idle(poster, transfer);
		return err;
	}
	transfer->next = poster->busy;
	poster->busy = transfer;
	poster->busy_count++;
	return ERR_OK;
}

/* --- its end -------------------------------------------------------------------------------- */

static void
say_error(const struct transfer *transfer, CURLcode code, char out[HTTP_POSTED_ERROR_SIZE])
{
	const char *words = transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code);

	if (code == CURLE_OPERATION_TIMEDOUT)
		(void)snprintf(out, HTTP_POSTED_ERROR_SIZE, "no answer within %lld ms",
		    (long long)transfer->poster->rules.timeout_ms);
	else if (transfer->refused != NULL)
		(void)snprintf(
		    out, HTTP_POSTED_ERROR_SIZE, "not called: it is at %s", transfer->refused);
	else
		(void)snprintf(out, HTTP_POSTED_ERROR_SIZE, "%s", words);
}

static void
read_answer(const struct transfer *transfer, CURLcode code, struct http_posted *out)
{
	long status = 0;
	curl_off_t retry_after = 0;

	/* A body that is cut short by us is an answer, one that is cut short by them is none. */
	if (code == CURLE_WRITE_ERROR && transfer->received > RESPONSE_READ_MAX)
		code = CURLE_OK;
	out->status = 0;
	out->error[0] = '\0';
	out->retry_after_s = 0;
	if (code != CURLE_OK) {
		say_error(transfer, code, out->error);
	} else {
		(void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		(void)curl_easy_getinfo(transfer->easy, CURLINFO_RETRY_AFTER, &retry_after);
		out->status = (int)status;
		out->retry_after_s = retry_after > 0 ? (int64_t)retry_after : 0;
	}
	out->context = transfer->context;
	out->duration_ms = clock_monotonic_ms(transfer->poster->clock) - transfer->began_ms;
	out->response_len = transfer->kept;
	memcpy(out->response, transfer->response, transfer->kept);
}

static void
end(struct http_poster *poster, struct transfer *transfer)
{
	struct transfer **at = &poster->busy;

	while (*at != transfer)
		at = &(*at)->next;
	*at = transfer->next;
	poster->busy_count--;
	(void)curl_multi_remove_handle(poster->multi, transfer->easy);
	put_idle(poster, transfer);
}

enum err
http_poster_next(struct http_poster *poster, struct http_posted *out)
{
	struct transfer *transfer = NULL;
	CURLMsg *message;
	int left;

	do
		message = curl_multi_info_read(poster->multi, &left);
	while (message != NULL && message->msg != CURLMSG_DONE);
	if (message == NULL)
		return ERR_NOT_FOUND;
	(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
	check(transfer != NULL);
	read_answer(transfer, message->data.result, out);
	end(poster, transfer);
	return ERR_OK;
}

enum err
http_poster_interrupt(struct http_poster *poster, struct http_posted *out)
{
	struct transfer *transfer = poster->busy;

	if (transfer == NULL)
		return ERR_NOT_FOUND;
	read_answer(transfer, CURLE_ABORTED_BY_CALLBACK, out);
	(void)snprintf(out->error, sizeof(out->error), "interrupted");
	end(poster, transfer);
	return ERR_OK;
}

size_t
http_poster_count(const struct http_poster *poster)
{
	return poster->busy_count;
}

void
http_poster_wait(struct http_poster *poster, int64_t ms, int wake_fd)
{
	struct curl_waitfd wake = {.fd = wake_fd, .events = CURL_WAIT_POLLIN};
	int running = 0;

	if (curl_multi_perform(poster->multi, &running) != CURLM_OK)
		return;
	/* Some have ended: they are to be taken first. */
	if ((size_t)running < poster->busy_count)
		ms = 0;
	(void)curl_multi_poll(
	    poster->multi, wake_fd >= 0 ? &wake : NULL, wake_fd >= 0 ? 1 : 0, (int)ms, NULL);
}

/* --- the poster ----------------------------------------------------------------------------- */

enum err
http_poster_new(
    const struct http_poster_rules *rules, const struct clock *clock, struct http_poster **out)
{
	struct http_poster *poster = calloc(1, sizeof(*poster));

	TRY_ALLOC(poster);
	poster->rules = *rules;
	poster->clock = clock;
	/* Counted and safe on any thread since 7.84; never undone, as other threads may use it. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		poster->multi = curl_multi_init();
	if (poster->multi == NULL ||
	    curl_multi_setopt(poster->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT) != CURLM_OK) {
		http_poster_free(&poster);
		return ERR_MEMORY;
	}
	*out = poster;
	return ERR_OK;
}

void
http_poster_free(struct http_poster **poster)
{
	struct http_poster *own = *poster;

	if (own == NULL)
		return;
	while (own->busy != NULL)
		end(own, own->busy);
	while (own->idle != NULL) {
		struct transfer *transfer = own->idle;

		own->idle = transfer->next;
		transfer_free(transfer);
	}
	(void)curl_multi_cleanup(own->multi);
	free(own);
	*poster = NULL;
}
