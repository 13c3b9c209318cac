#include "shared/edge/revocations.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/arena.h"
#include "shared/base/check.h"
#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/fault.h"
#include "shared/edge/json.h"

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

struct ended {
	struct id session_id;
	int64_t at_ms;
};

struct revocations {
	pthread_rwlock_t lock; /* of what follows; the writer alone reads without */
	struct ended *list;    /* by session_id */
	size_t count;
};

enum err
revocations_new(struct revocations **out)
{
	struct revocations *revocations = calloc(1, sizeof(*revocations));

	TRY_ALLOC(revocations);
	check(pthread_rwlock_init(&revocations->lock, NULL) == 0);
	*out = revocations;
	return ERR_OK;
}

void
revocations_free(struct revocations **revocations)
{
	if (*revocations == NULL)
		return;
	(void)pthread_rwlock_destroy(&(*revocations)->lock);
	free((*revocations)->list);
	free(*revocations);
	*revocations = NULL;
}

static int
compare(const void *a, const void *b)
{
	const struct ended *left = a;
	const struct ended *right = b;

	return strcmp(left->session_id.text, right->session_id.text);
}

static bool
contains(const struct ended *list, size_t count, const struct id *session_id)
{
	const struct ended key = {.session_id = *session_id};

	return count > 0 && bsearch(&key, list, count, sizeof(key), compare) != NULL;
}

bool
revocations_contain(struct revocations *revocations, const struct id *session_id)
{
	bool found;

	check(pthread_rwlock_rdlock(&revocations->lock) == 0);
	found = contains(revocations->list, revocations->count, session_id);
	check(pthread_rwlock_unlock(&revocations->lock) == 0);
	return found;
}

size_t
revocations_count(struct revocations *revocations)
{
	size_t count;

	check(pthread_rwlock_rdlock(&revocations->lock) == 0);
	count = revocations->count;
	check(pthread_rwlock_unlock(&revocations->lock) == 0);
	return count;
}

static enum err
read_ended(const struct cJSON *element, struct ended *out)
{
	const char *sid = json_get_text(element, "sid");
	const char *at = json_get_text(element, "at");

	if (sid == NULL || at == NULL)
		return ERR_MALFORMED;
	TRY(id_parse(sid, &out->session_id));
	return time_parse(at, &out->at_ms);
}

/* What is kept of the old list and all of SESSIONS that are new, sorted. */
static enum err
join(const struct revocations *old, const struct cJSON *sessions, int64_t now_ms,
    struct ended **list, size_t *count, size_t *added)
{
	size_t most = old->count + json_array_size(sessions);
	auto_free struct ended *joined = calloc(most > 0 ? most : 1, sizeof(*joined));
	size_t filled = 0;
	size_t kept;

	TRY_ALLOC(joined);
	for (size_t i = 0; i < old->count; i++)
		if (old->list[i].at_ms >= now_ms - REVOCATIONS_KEEP_MS)
			joined[filled++] = old->list[i];
	kept = filled;
	for (const struct cJSON *at = json_first(sessions); at != NULL; at = json_next(at)) {
		TRY(read_ended(at, &joined[filled]));
		if (!contains(joined, kept, &joined[filled].session_id))
			filled++;
	}
	qsort(joined, filled, sizeof(*joined), compare);
	*list = joined;
	joined = NULL;
	*count = filled;
	*added = filled - kept;
	return ERR_OK;
}

static enum err
merge(struct revocations *revocations, const struct cJSON *document, size_t *added, int64_t *now_ms)
{
	const struct cJSON *sessions = json_get_array(document, "sessions");
	const char *now = json_get_text(document, "now");
	struct ended *list;
	struct ended *old;
	int64_t auth_ms;
	size_t count;

	if (sessions == NULL || now == NULL)
		return ERR_MALFORMED;
	TRY(time_parse(now, &auth_ms));
	TRY(join(revocations, sessions, auth_ms, &list, &count, added));
	check(pthread_rwlock_wrlock(&revocations->lock) == 0);
	old = revocations->list;
	revocations->list = list;
	revocations->count = count;
	check(pthread_rwlock_unlock(&revocations->lock) == 0);
	free(old);
	*now_ms = auth_ms;
	return ERR_OK;
}

enum err
revocations_merge(struct revocations *revocations, struct span json, size_t *added, int64_t *now_ms)
{
	auto_arena struct arena *arena = NULL;
	const struct cJSON *document;
	struct fault fault;

	TRY(arena_new(ARENA_BYTES, &arena));
	fault_init(&fault, arena);
	TRY(json_parse(arena, json, &fault, &document));
	return merge(revocations, document, added, now_ms);
}
