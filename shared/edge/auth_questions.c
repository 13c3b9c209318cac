#include "shared/edge/auth_questions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/buf.h"
#include "shared/base/cleanup.h"
#include "shared/infra/http_client.h"

#define URL_SIZE          2048
#define KEYS_MAX_BYTES    ((size_t)64 * 1024)
#define KEYS_ARENA_BYTES  ((size_t)512 * 1024)
#define REVOKED_MAX_BYTES ((size_t)8 * 1024 * 1024) /* about 90,000 sessions */
/*
 * A session's end is dated when its transaction begins and seen once it is committed: asking from a
 * little before the last answer misses none, if no transaction takes longer than this.
 */
#define OVERLAP_MS INT64_C(30000)

struct auth_questions {
	struct http_client *client;
	struct revocations *revocations;
	char keys_url[URL_SIZE];
	char keys_etag[sizeof(((struct http_answer *)NULL)->etag)];
	struct buf keys_last; /* the text that the last set came from */
	char revoked_url[URL_SIZE];
	char revoked_etag[sizeof(((struct http_answer *)NULL)->etag)];
	char since[TIME_TEXT_SIZE]; /* "": the whole list is asked for */
	struct buf body;
};

static bool
make_url(char out[URL_SIZE], const char *auth_url, const char *path)
{
	int len = snprintf(out, URL_SIZE, "%s%s", auth_url, path);

	return len > 0 && len < URL_SIZE;
}

enum err
auth_questions_new(
    const char *auth_url, struct revocations *revocations, struct auth_questions **out)
{
	struct auth_questions *questions = calloc(1, sizeof(*questions));
	enum err err;

	TRY_ALLOC(questions);
	questions->revocations = revocations;
	buf_init(&questions->keys_last, KEYS_MAX_BYTES);
	buf_init(&questions->body, REVOKED_MAX_BYTES);
	err = http_client_new(&questions->client);
	if (err == ERR_OK &&
	    (!make_url(questions->keys_url, auth_url, "/auth/.well-known/jwks.json") ||
		!make_url(questions->revoked_url, auth_url, "/auth/revoked")))
		err = ERR_CONFIG;
	if (err != ERR_OK) {
		auth_questions_free(&questions);
		return err;
	}
	*out = questions;
	return ERR_OK;
}

void
auth_questions_free(struct auth_questions **questions)
{
	if (*questions == NULL)
		return;
	http_client_free(&(*questions)->client);
	buf_fini(&(*questions)->keys_last);
	buf_fini(&(*questions)->body);
	free(*questions);
	*questions = NULL;
}

/* *CHANGED: the answer is 200 and in the body; else it is 304. */
static enum err
ask(struct auth_questions *questions, const struct deadline *deadline, const char *url,
    const char *etag, struct http_answer *answer, bool *changed)
{
	TRY(http_client_get(questions->client, deadline, url, etag, &questions->body, answer));
	*changed = answer->status == 200;
	return *changed || (answer->status == 304 && etag[0] != '\0') ? ERR_OK : ERR_UNAVAILABLE;
}

static bool
says_the_same(const struct buf *last, const struct buf *body)
{
	return last->len > 0 && last->len == body->len &&
	    memcmp(last->data, body->data, body->len) == 0;
}

static enum err
read_keys(struct auth_questions *questions, struct jwt_key_set **keys)
{
	const struct buf *body = &questions->body;
	auto_arena struct arena *arena = NULL;
	enum err err;

	if (body->len == 0 || body->len > KEYS_MAX_BYTES)
		return ERR_UNAVAILABLE;
	TRY(arena_new(KEYS_ARENA_BYTES, &arena));
	err = jwks_parse(arena, span_of(body->data, body->len), keys);
	if (err == ERR_MALFORMED)
		return ERR_UNAVAILABLE;
	TRY(err);
	buf_reset(&questions->keys_last);
	buf_put(&questions->keys_last, body->data, body->len);
	return ERR_OK;
}

enum err
auth_questions_keys(
    struct auth_questions *questions, const struct deadline *deadline, struct jwt_key_set **keys)
{
	struct http_answer answer;
	bool changed;

	TRY(ask(questions, deadline, questions->keys_url, questions->keys_etag, &answer, &changed));
	if (!changed)
		return ERR_OK;
	if (!says_the_same(&questions->keys_last, &questions->body))
		TRY(read_keys(questions, keys));
	memcpy(questions->keys_etag, answer.etag, sizeof(answer.etag));
	return ERR_OK;
}

/*
 * Where news came, the next question begins a little before this answer.  Where none came, the same
 * question is asked again, so that its ETag can spare the answer.
 */
static enum err
read_revoked(struct auth_questions *questions, const struct http_answer *answer)
{
	const struct buf *body = &questions->body;
	size_t added;
	int64_t now_ms;
	enum err err;

	if (body->len == 0)
		return ERR_UNAVAILABLE;
	err = revocations_merge(
	    questions->revocations, span_of(body->data, body->len), &added, &now_ms);
	if (err == ERR_MALFORMED)
		return ERR_UNAVAILABLE;
	TRY(err);
	if (questions->since[0] == '\0' || added > 0) {
		time_format(now_ms - OVERLAP_MS, questions->since);
		questions->revoked_etag[0] = '\0';
	} else {
		memcpy(questions->revoked_etag, answer->etag, sizeof(answer->etag));
	}
	return ERR_OK;
}

enum err
auth_questions_revoked(struct auth_questions *questions, const struct deadline *deadline)
{
	bool whole = questions->since[0] == '\0';
	char url[URL_SIZE + sizeof("?since=") + TIME_TEXT_SIZE];
	struct http_answer answer;
	bool changed = false;
	enum err err;

	(void)snprintf(url, sizeof(url), "%s%s%s", questions->revoked_url,
	    whole ? "" : "?since=", questions->since);
	err = ask(questions, deadline, url, questions->revoked_etag, &answer, &changed);
	if (err == ERR_OK && changed)
		err = read_revoked(questions, &answer);
	if (questions->body.cap > KEYS_MAX_BYTES) { /* a long list: don't keep its room */
		buf_fini(&questions->body);
		buf_init(&questions->body, REVOKED_MAX_BYTES);
	}
	if (err != ERR_OK) { /* who knows what was missed: ask for everything next time */
		questions->since[0] = '\0';
		questions->revoked_etag[0] = '\0';
	}
	return err;
}
