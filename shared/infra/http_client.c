#include "shared/infra/http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "shared/base/num.h"

struct http_client {
	CURL *easy;
};

static size_t
receive(char *data, size_t size, size_t count, void *context)
{
	struct buf *body = context;
	size_t len;

	if (!num_mul_size(size, count, &len))
		return 0;
	buf_put(body, data, len);
	return body->failed ? 0 : len; /* anything but LEN ends the transfer */
}

static CURLcode
set_up(CURL *easy)
{
	CURLcode code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);

	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_USERAGENT, "shop");
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
	return code;
}

enum err
http_client_new(struct http_client **out)
{
	struct http_client *client = calloc(1, sizeof(*client));

	TRY_ALLOC(client);
	/* Counted and safe on any thread since 7.84; never undone, as other threads may use it. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		client->easy = curl_easy_init();
	if (client->easy == NULL || set_up(client->easy) != CURLE_OK) {
		http_client_free(&client);
		return ERR_MEMORY;
	}
	*out = client;
	return ERR_OK;
}

void
http_client_free(struct http_client **client)
{
	if (*client == NULL)
		return;
	curl_easy_cleanup((*client)->easy);
	free(*client);
	*client = NULL;
}

static void
free_list(struct curl_slist **list)
{
	curl_slist_free_all(*list);
	*list = NULL;
}

/* *LIST stays NULL without a condition.  ERR_MALFORMED for a value that would end the header. */
static enum err
condition_header(const char *if_none_match, struct curl_slist **list)
{
	char line[sizeof("If-None-Match: ") + sizeof(((struct http_answer *)NULL)->etag)];
	int len;

	if (if_none_match == NULL || if_none_match[0] == '\0')
		return ERR_OK;
	if (strpbrk(if_none_match, "\r\n") != NULL)
		return ERR_MALFORMED;
	len = snprintf(line, sizeof(line), "If-None-Match: %s", if_none_match);
	if (len < 0 || (size_t)len >= sizeof(line))
		return ERR_MALFORMED;
	*list = curl_slist_append(NULL, line);
	TRY_ALLOC(*list);
	return ERR_OK;
}

static enum err
read_answer(CURL *easy, struct http_answer *out)
{
	struct http_answer answer = {0};
	struct curl_header *etag;
	long status = 0;

	if (curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return ERR_INTERNAL;
	answer.status = (int)status;
	if (curl_easy_header(easy, "ETag", 0, CURLH_HEADER, -1, &etag) == CURLHE_OK &&
	    strlen(etag->value) < sizeof(answer.etag))
		memcpy(answer.etag, etag->value, strlen(etag->value) + 1);
	*out = answer;
	return ERR_OK;
}

enum err
http_client_get(struct http_client *client, const struct deadline *deadline, const char *url,
    const char *if_none_match, struct buf *body, struct http_answer *out)
{
	AUTO_OF(free_list) struct curl_slist *headers = NULL;
	int64_t left_ms = deadline_left_ms(deadline);
	CURLcode code;

	buf_reset(body);
	if (left_ms == 0)
		return ERR_DEADLINE;
	TRY(condition_header(if_none_match, &headers));
	if (curl_easy_setopt(client->easy, CURLOPT_URL, url) != CURLE_OK ||
	    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
	    curl_easy_setopt(client->easy, CURLOPT_WRITEDATA, body) != CURLE_OK ||
	    curl_easy_setopt(client->easy, CURLOPT_TIMEOUT_MS, (long)left_ms) != CURLE_OK)
		return ERR_MEMORY;
	code = curl_easy_perform(client->easy);
	(void)curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, NULL); /* freed below */
	if (code == CURLE_WRITE_ERROR || code == CURLE_OUT_OF_MEMORY)
		return ERR_MEMORY;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ERR_DEADLINE;
	if (code != CURLE_OK)
		return ERR_UNAVAILABLE;
	return read_answer(client->easy, out);
}
