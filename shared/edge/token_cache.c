#include "shared/edge/token_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "shared/base/check.h"

#define SHARDS        16
#define SETS          64  /* in a shard */
#define WAYS          4   /* places where one token may stand */
#define EMAIL_SIZE    256 /* a longer one is not remembered; its token is verified each time */
#define NO_GENERATION 0

struct entry {
	struct token_digest digest;
	uint64_t generation;
	int64_t expires_at_s;
	unsigned roles;
	bool email_verified;
	struct id user_id;
	struct id session_id;
	char email[EMAIL_SIZE];
};

struct shard {
	pthread_mutex_t mutex;
	struct entry entries[SETS][WAYS];
};

/* About 1.6 MiB at most: pages that no token was put into are never touched. */
struct token_cache {
	struct shard shards[SHARDS];
};

enum err
token_cache_new(struct token_cache **out)
{
	struct token_cache *cache = calloc(1, sizeof(*cache));

	TRY_ALLOC(cache);
	for (size_t i = 0; i < SHARDS; i++)
		check(pthread_mutex_init(&cache->shards[i].mutex, NULL) == 0);
	*out = cache;
	return ERR_OK;
}

void
token_cache_free(struct token_cache **cache)
{
	if (*cache == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		(void)pthread_mutex_destroy(&(*cache)->shards[i].mutex);
	free(*cache);
	*cache = NULL;
}

enum err
token_digest_of(const char *token, struct token_digest *out)
{
	unsigned len = 0;

	if (EVP_Digest(token, strlen(token), out->bytes, &len, EVP_sha256(), NULL) != 1)
		return ERR_INTERNAL;
	check(len == TOKEN_DIGEST_BYTES);
	return ERR_OK;
}

/* The digest is as good as random: its first bytes choose the place. */
static struct shard *
shard_of(struct token_cache *cache, const struct token_digest *digest)
{
	return &cache->shards[digest->bytes[0] % SHARDS];
}

static struct entry *
set_of(struct shard *shard, const struct token_digest *digest)
{
	return shard->entries[digest->bytes[1] % SETS];
}

static bool
is_entry_of(const struct entry *entry, const struct token_digest *digest)
{
	return memcmp(entry->digest.bytes, digest->bytes, TOKEN_DIGEST_BYTES) == 0;
}

static bool
find(struct token_cache *cache, const struct token_digest *digest, uint64_t generation,
    struct entry *out)
{
	struct shard *shard = shard_of(cache, digest);
	const struct entry *set = set_of(shard, digest);
	bool found = false;

	check(pthread_mutex_lock(&shard->mutex) == 0);
	for (size_t i = 0; i < WAYS && !found; i++) {
		found = set[i].generation == generation && is_entry_of(&set[i], digest);
		if (found)
			*out = set[i];
	}
	check(pthread_mutex_unlock(&shard->mutex) == 0);
	return found;
}

enum err
token_cache_get(struct token_cache *cache, const struct token_digest *digest, uint64_t generation,
    int64_t now_s, struct arena *arena, bool *found, struct principal *out)
{
	struct entry entry;
	const char *email;

	*found = false;
	if (!find(cache, digest, generation, &entry) || entry.expires_at_s <= now_s)
		return ERR_OK;
	email = arena_strdup(arena, entry.email);
	TRY_ALLOC(email);
	*out = (struct principal){
	    .user_id = entry.user_id,
	    .session_id = entry.session_id,
	    .email = email,
	    .email_verified = entry.email_verified,
	    .roles = entry.roles,
	    .expires_at_s = entry.expires_at_s,
	};
	*found = true;
	return ERR_OK;
}

/* Where DIGEST goes: its own place, one of another generation, or the one that expires first. */
static struct entry *
place_for(struct entry *set, const struct token_digest *digest, uint64_t generation)
{
	struct entry *place = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (is_entry_of(&set[i], digest))
			return &set[i];
		if (set[i].generation != generation)
			set[i].expires_at_s = INT64_MIN;
		if (set[i].expires_at_s < place->expires_at_s)
			place = &set[i];
	}
	return place;
}

void
token_cache_put(struct token_cache *cache, const struct token_digest *digest, uint64_t generation,
    const struct principal *principal)
{
	struct shard *shard = shard_of(cache, digest);
	size_t email_len = strlen(principal->email);
	struct entry *place;

	check(generation != NO_GENERATION);
	if (email_len >= EMAIL_SIZE)
		return;
	check(pthread_mutex_lock(&shard->mutex) == 0);
	place = place_for(set_of(shard, digest), digest, generation);
	place->digest = *digest;
	place->generation = generation;
	place->expires_at_s = principal->expires_at_s;
	place->roles = principal->roles;
	place->email_verified = principal->email_verified;
	place->user_id = principal->user_id;
	place->session_id = principal->session_id;
	memcpy(place->email, principal->email, email_len + 1);
	check(pthread_mutex_unlock(&shard->mutex) == 0);
}
