/*
 * buyers: many people buying at once, each until they know what became of it.
 *
 *   buyers --url BASE --item ID[,ID…] --tokens FILE [--lines N] [--buyers N] [--connections N]
 *          [--quantity N] [--seconds N]
 *
 * Each wants QUANTITY of the item; with --lines an order of so many of the items, drawn by lot and
 * in any order.  FILE holds access tokens, one a line; buyer i uses token i modulo their number.
 * Each buyer has an Idempotency-Key of its own and repeats the same request after a broken
 * connection, a 5xx, a 429 or 409 idempotency_in_progress, as a good client does.  One line a
 * buyer on standard output:
 *
 *   KEY STATUS CODE-OR-ORDER-ID TRIES
 *
 * STATUS is the final answer's, 0 when --seconds passed without one.  Ends with 0 when every buyer
 * got a final answer, 1 when not, 64 on wrong usage.
 */
#include <curl/curl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/base/id.h"
#include "shared/base/num.h"
#include "shared/edge/json.h"

#define TOKENS_MAX      1024
#define TOKEN_MAX_BYTES 4096
#define ANSWER_MAX      ((size_t)64 * 1024)
#define RETRY_PAUSE_MS  50
#define ITEMS_MAX       50
#define LINE_MAX_BYTES  128

struct options {
	const char *url;
	char *items[ITEMS_MAX];
	size_t item_count;
	int64_t lines; /* 0: no orders, the one item is bought */
	int64_t buyers, connections, quantity, seconds;
	char *tokens[TOKENS_MAX];
	size_t token_count;
};

struct buyer {
	struct id key;
	size_t index;
	int64_t tries;
	int64_t not_before_ms; /* monotonic */
	bool running, done;
	long status;
	char outcome[64];
	struct curl_slist *headers;
	char body[(ITEMS_MAX + 1) * LINE_MAX_BYTES];
	struct buf answer;
};

static size_t
on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct buyer *buyer = context;

	buf_put(&buyer->answer, bytes, size * count);
	return size * count;
}

static void
die(const char *what)
{
	(void)fprintf(stderr, "buyers: %s\n", what);
	exit(64);
}

static void
read_tokens(const char *path, struct options *options)
{
	char line[TOKEN_MAX_BYTES];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		die("can't read the file of tokens");
	while (options->token_count < TOKENS_MAX && fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		options->tokens[options->token_count] = strdup(line);
		if (options->tokens[options->token_count++] == NULL)
			die("no memory");
	}
	(void)fclose(file);
	if (options->token_count == 0)
		die("the file of tokens is empty");
}

static void
read_items(char *list, struct options *options)
{
	char *rest = NULL;

	for (char *item = strtok_r(list, ",", &rest); item != NULL;
	     item = strtok_r(NULL, ",", &rest)) {
		if (options->item_count == ITEMS_MAX)
			die("too many items");
		options->items[options->item_count++] = item;
	}
}

static int64_t
number(const char *text, int64_t max)
{
	int64_t value = 0;

	if (num_parse_i64(text, 1, max, &value) != ERR_OK)
		die("a number is out of range");
	return value;
}

static void
parse(int argc, char **argv, struct options *options)
{
	static const struct option words[] = {
	    {"url", required_argument, NULL, 'u'},
	    {"item", required_argument, NULL, 'i'},
	    {"tokens", required_argument, NULL, 't'},
	    {"lines", required_argument, NULL, 'l'},
	    {"buyers", required_argument, NULL, 'b'},
	    {"connections", required_argument, NULL, 'c'},
	    {"quantity", required_argument, NULL, 'q'},
	    {"seconds", required_argument, NULL, 's'},
	    {NULL, 0, NULL, 0},
	};
	int word;

	while ((word = getopt_long(argc, argv, "", words, NULL)) != -1) {
		switch (word) {
		case 'u':
			options->url = optarg;
			break;
		case 'i':
			read_items(optarg, options);
			break;
		case 'l':
			options->lines = number(optarg, ITEMS_MAX);
			break;
		case 't':
			read_tokens(optarg, options);
			break;
		case 'b':
			options->buyers = number(optarg, 100000);
			break;
		case 'c':
			options->connections = number(optarg, 1000);
			break;
		case 'q':
			options->quantity = number(optarg, 1000);
			break;
		case 's':
			options->seconds = number(optarg, 600);
			break;
		default:
			die("see the head of buyers.c for its options");
		}
	}
	if (options->url == NULL || options->item_count == 0 || options->token_count == 0)
		die("--url, --item and --tokens are needed");
	if (options->lines > (int64_t)options->item_count)
		die("there are fewer items than lines");
}

/* The order that a buyer wants: as many of the items as it has lines, in an order of its own. */
static void
write_order(const struct options *options, struct buyer *buyer)
{
	const char *items[ITEMS_MAX];
	size_t len = 0;

	memcpy(items, options->items, sizeof(items));
	len += (size_t)snprintf(buyer->body, sizeof(buyer->body), "{\"lines\":[");
	for (size_t i = 0; i < (size_t)options->lines; i++) {
		uint32_t lot;
		const char *item;

		random_bytes(&lot, sizeof(lot));
		lot = (uint32_t)i + lot % (uint32_t)(options->item_count - i);
		item = items[lot];
		items[lot] = items[i];
		len += (size_t)snprintf(buyer->body + len, sizeof(buyer->body) - len,
		    "%s{\"item_id\":\"%s\",\"quantity\":%" PRId64 "}", i > 0 ? "," : "", item,
		    options->quantity);
	}
	(void)snprintf(buyer->body + len, sizeof(buyer->body) - len, "]}");
}

static void
prepare(const struct options *options, struct buyer *buyer, size_t index)
{
	char header[TOKEN_MAX_BYTES + 64];

	buyer->index = index;
	id_new(clock_now_ms(&clock_system), &buyer->key);
	buf_init(&buyer->answer, ANSWER_MAX);
	if (options->lines > 0)
		write_order(options, buyer);
	else
		(void)snprintf(buyer->body, sizeof(buyer->body), "{\"quantity\":%" PRId64 "}",
		    options->quantity);
	(void)snprintf(header, sizeof(header), "Authorization: Bearer %s",
	    options->tokens[index % options->token_count]);
	buyer->headers = curl_slist_append(NULL, header);
	(void)snprintf(header, sizeof(header), "Idempotency-Key: %s", buyer->key.text);
	buyer->headers = curl_slist_append(buyer->headers, header);
	buyer->headers = curl_slist_append(buyer->headers, "Content-Type: application/json");
}

static void
send_request(const struct options *options, struct buyer *buyer, CURL *easy, CURLM *multi)
{
	char url[512];

	if (options->lines > 0)
		(void)snprintf(url, sizeof(url), "%s/order", options->url);
	else
		(void)snprintf(url, sizeof(url), "%s/buy/%s", options->url, options->items[0]);
	curl_easy_reset(easy);
	buf_reset(&buyer->answer);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, buyer->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, buyer->body);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, buyer);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, buyer);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 20000L);
	buyer->running = true;
	buyer->tries++;
	curl_multi_add_handle(multi, easy);
}

/* The order's id of a 201, the problem's code of anything else. */
static void
read_outcome(struct buyer *buyer)
{
	auto_arena struct arena *arena = NULL;
	const struct cJSON *json = NULL;
	const char *text = NULL;
	struct fault fault;

	if (arena_new((size_t)1 << 20, &arena) != ERR_OK)
		die("no memory");
	fault_init(&fault, arena);
	if (buyer->answer.len > 0 &&
	    json_parse(arena, span_of(buyer->answer.data, buyer->answer.len), &fault, &json) ==
		ERR_OK)
		text = json_get_text(json, buyer->status == 201 ? "id" : "code");
	(void)snprintf(buyer->outcome, sizeof(buyer->outcome), "%s", text != NULL ? text : "-");
}

static void
on_answer(struct buyer *buyer, CURLcode result, CURL *easy)
{
	long status = 0;

	buyer->running = false;
	if (result == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	buyer->status = status;
	read_outcome(buyer);
	if (status >= 200 && status < 500 && status != 429 &&
	    strcmp(buyer->outcome, "idempotency_in_progress") != 0) {
		buyer->done = true;
		return;
	}
	buyer->not_before_ms = clock_monotonic_ms(&clock_system) + RETRY_PAUSE_MS;
}

static struct buyer *
next_buyer(struct buyer *buyers, size_t count)
{
	int64_t now = clock_monotonic_ms(&clock_system);

	for (size_t i = 0; i < count; i++)
		if (!buyers[i].done && !buyers[i].running && buyers[i].not_before_ms <= now)
			return &buyers[i];
	return NULL;
}

static size_t
collect(CURLM *multi, CURL **idle, size_t idle_count, size_t *done)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;
		struct buyer *buyer = NULL;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&buyer);
		curl_multi_remove_handle(multi, easy);
		on_answer(buyer, result, easy);
		if (buyer->done)
			(*done)++;
		idle[idle_count++] = easy;
	}
	return idle_count;
}

static size_t
run(const struct options *options, struct buyer *buyers, size_t count)
{
	struct deadline deadline = deadline_in(&clock_system, options->seconds * 1000);
	size_t connections = (size_t)options->connections;
	CURL **all = calloc(connections, sizeof(CURL *));
	CURL **idle = calloc(connections, sizeof(CURL *));
	size_t idle_count = connections;
	CURLM *multi = curl_multi_init();
	size_t done = 0;
	int running;

	if (all == NULL || idle == NULL || multi == NULL)
		die("no memory");
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
	for (size_t i = 0; i < connections; i++)
		all[i] = idle[i] = curl_easy_init();
	while (done < count && deadline_left_ms(&deadline) > 0) {
		struct buyer *buyer;

		while (idle_count > 0 && (buyer = next_buyer(buyers, count)) != NULL)
			send_request(options, buyer, idle[--idle_count], multi);
		curl_multi_perform(multi, &running);
		idle_count = collect(multi, idle, idle_count, &done);
		if (done < count)
			curl_multi_poll(multi, NULL, 0, 10, NULL);
	}
	for (size_t i = 0; i < connections; i++) {
		curl_multi_remove_handle(multi, all[i]); /* those under way at the deadline */
		curl_easy_cleanup(all[i]);
	}
	curl_multi_cleanup(multi);
	free(idle);
	free(all);
	return done;
}

static void
release(struct options *options, struct buyer *buyers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		curl_slist_free_all(buyers[i].headers);
		buf_fini(&buyers[i].answer);
	}
	free(buyers);
	for (size_t i = 0; i < options->token_count; i++)
		free(options->tokens[i]);
	curl_global_cleanup();
}

int
main(int argc, char **argv)
{
	static struct options options = {
	    .buyers = 200, .connections = 100, .quantity = 1, .seconds = 120};
	struct buyer *buyers;
	size_t count, done;

	parse(argc, argv, &options);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		die("libcurl did not start");
	count = (size_t)options.buyers;
	buyers = calloc(count, sizeof(*buyers));
	if (buyers == NULL)
		die("no memory");
	for (size_t i = 0; i < count; i++)
		prepare(&options, &buyers[i], i);
	done = run(&options, buyers, count);
	for (size_t i = 0; i < count; i++)
		(void)printf("%s %ld %s %" PRId64 "\n", buyers[i].key.text,
		    buyers[i].done ? buyers[i].status : 0L, buyers[i].outcome, buyers[i].tries);
	(void)fprintf(stderr, "buyers: %zu of %zu got their answer\n", done, count);
	release(&options, buyers, count);
	return done == count ? 0 : 1;
}
