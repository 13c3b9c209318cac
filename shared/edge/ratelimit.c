#include "shared/edge/ratelimit.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/id.h"

#define WAYS         8  /* places that a key may have: a row of the table */
#define SHARDS       16 /* mutexes, each for every sixteenth row */
#define SECRET_BYTES 32

struct entry {
	uint64_t key[2]; /* both 0: free */
	int64_t
	    whole_at_us; /* when the window will be whole again: GCRA's theoretical arrival time */
};

struct ratelimit {
	unsigned char secret[SECRET_BYTES];
	size_t rows;
	pthread_mutex_t mutexes[SHARDS];
	struct entry entries[]; /* rows × WAYS; pages never used cost no memory */
};

enum err
ratelimit_new(size_t keys_max, struct ratelimit **out)
{
	size_t rows = keys_max / WAYS + (keys_max % WAYS != 0);
	struct ratelimit *limit;

	if (rows == 0)
		rows = 1;
	if (rows > SIZE_MAX / sizeof(struct entry) / WAYS / 2)
		return ERR_MEMORY;
	limit = calloc(1, sizeof(*limit) + rows * WAYS * sizeof(struct entry));
	TRY_ALLOC(limit);
	limit->rows = rows;
	random_bytes(limit->secret, sizeof(limit->secret));
	for (size_t i = 0; i < SHARDS; i++)
		check(pthread_mutex_init(&limit->mutexes[i], NULL) == 0);
	*out = limit;
	return ERR_OK;
}

void
ratelimit_free(struct ratelimit **owner)
{
	struct ratelimit *limit = *owner;

	if (limit == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		(void)pthread_mutex_destroy(&limit->mutexes[i]);
	free(limit);
	*owner = NULL;
}

/* Nobody outside can choose keys that share a row: the hash begins with the secret. */
static bool
hash_key(const struct ratelimit *limit, const char *policy, const char *key, uint64_t out[2])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool done;

	if (hash == NULL)
		return false;
	done = EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(hash, limit->secret, sizeof(limit->secret)) == 1 &&
	    EVP_DigestUpdate(hash, policy, strlen(policy) + 1) == 1 &&
	    EVP_DigestUpdate(hash, key, strlen(key)) == 1 &&
	    EVP_DigestFinal_ex(hash, digest, NULL) == 1;
	EVP_MD_CTX_free(hash);
	memcpy(out, digest, 2 * sizeof(*out));
	out[1] |= 1; /* so that no key looks like a free place */
	return done;
}

/* The key's place in its row, or the one it gets: the one that will be whole, or was, first. */
static struct entry *
find_place(struct entry *row, const uint64_t key[2])
{
	struct entry *place = &row[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (row[i].key[0] == key[0] && row[i].key[1] == key[1])
			return &row[i];
		if (row[i].whole_at_us < place->whole_at_us)
			place = &row[i];
	}
	place->key[0] = key[0];
	place->key[1] = key[1];
	place->whole_at_us = 0;
	return place;
}

static unsigned
ceil_seconds(int64_t us)
{
	return us > 0 ? (unsigned)((us + 999999) / 1000000) : 0;
}

int64_t
ratelimit_step_us(const struct rate_policy *policy)
{
	int64_t window_us = policy->window_s * 1000000;

	return policy->requests < window_us ? window_us / policy->requests : 1;
}

void
ratelimit_describe(
    const struct rate_policy *policy, int64_t taken_us, bool allowed, struct rate_state *out)
{
	int64_t window_us = policy->window_s * 1000000;
	int64_t step_us = ratelimit_step_us(policy);
	unsigned over_s = ceil_seconds(taken_us + step_us - window_us);

	*out = (struct rate_state){
	    .allowed = allowed,
	    .remaining = (window_us - taken_us) / step_us,
	    .reset_s = ceil_seconds(taken_us),
	};
	if (!allowed)
		out->retry_after_s = over_s > 0 ? over_s : 1;
}

/* One request takes a step of the window; what lies ahead of now is what was taken already. */
static void
take(struct entry *entry, const struct rate_policy *policy, int64_t now_us, struct rate_state *out)
{
	int64_t step_us = ratelimit_step_us(policy);
	int64_t taken_us = entry->whole_at_us > now_us ? entry->whole_at_us - now_us : 0;
	bool allowed = taken_us + step_us <= policy->window_s * 1000000;

	if (allowed) {
		taken_us += step_us;
		entry->whole_at_us = now_us + taken_us;
	}
	ratelimit_describe(policy, taken_us, allowed, out);
}

void
ratelimit_take(struct ratelimit *limit, const struct rate_policy *policy, const char *key,
    int64_t now_ms, struct rate_state *out)
{
	uint64_t hash[2];
	pthread_mutex_t *mutex;
	size_t row;

	*out = (struct rate_state){.allowed = true, .remaining = policy->requests};
	/* Without its hash a request can't be counted; refusing everybody would be worse. */
	if (policy->requests <= 0 || !hash_key(limit, policy->name, key, hash))
		return;
	row = (size_t)(hash[0] % limit->rows);
	mutex = &limit->mutexes[row % SHARDS];
	check(pthread_mutex_lock(mutex) == 0);
	take(find_place(&limit->entries[row * WAYS], hash), policy, now_ms * 1000, out);
	check(pthread_mutex_unlock(mutex) == 0);
}
