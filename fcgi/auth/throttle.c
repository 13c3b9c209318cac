#include "fcgi/auth/throttle.h"

#include <openssl/sha.h>
#include <string.h>

#include "shared/base/str.h"

/* KIND and the hash of WHAT. */
static enum err
name_bucket(struct arena *arena, char kind, const char *what, const char **out)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	const char *hash;

	(void)SHA256((const unsigned char *)what, strlen(what), digest);
	TRY_ALLOC(hash = base64url_encode(arena, digest, sizeof(digest)));
	TRY_ALLOC(*out = arena_printf(arena, "%c%s", kind, hash));
	return ERR_OK;
}

enum err
throttle_buckets_of(struct arena *arena, const char *email_key, const char *network,
    const char *device_cookie, struct throttle_buckets *out)
{
	struct throttle_buckets buckets = {.device = NULL};
	const char *pair;

	TRY_ALLOC(network);
	/* No network has a blank in it: no two pairs are written alike. */
	TRY_ALLOC(pair = arena_printf(arena, "%s %s", network, email_key));
	TRY(name_bucket(arena, 'a', email_key, &buckets.account));
	TRY(name_bucket(arena, 'p', pair, &buckets.pair));
	if (device_cookie != NULL)
		TRY(name_bucket(arena, 'd', device_cookie, &buckets.device));
	*out = buckets;
	return ERR_OK;
}

enum err
throttle_owner_counts(
    struct arena *arena, const char *email_key, const char *network, const char **out)
{
	struct throttle_buckets buckets;

	TRY(throttle_buckets_of(arena, email_key, network, NULL, &buckets));
	TRY_ALLOC(*out = arena_printf(arena, "{%s,%s}", buckets.account, buckets.pair));
	return ERR_OK;
}

const char *
throttle_session_bucket(struct arena *arena, const struct id *session_id)
{
	return arena_printf(arena, "s%s", session_id->text);
}

enum err
throttle_decide(struct arena *arena, const struct throttle_buckets *buckets,
    const struct throttle_locks *locks, struct throttle_place place, struct throttle *out)
{
	struct throttle throttle = {.locked_ms = locks->pair_ms};

	if (place.device_known) {
		TRY_ALLOC(throttle.counts = arena_printf(arena, "{%s}", buckets->device));
		throttle.holds = throttle.counts;
		throttle.locked_ms = locks->device_ms;
		*out = throttle;
		return ERR_OK;
	}
	TRY_ALLOC(
	    throttle.counts = arena_printf(arena, "{%s,%s}", buckets->account, buckets->pair));
	throttle.holds = throttle.counts;
	if (place.address_known)
		TRY_ALLOC(throttle.holds = arena_printf(arena, "{%s}", buckets->pair));
	else if (locks->account_ms > throttle.locked_ms)
		throttle.locked_ms = locks->account_ms;
	*out = throttle;
	return ERR_OK;
}
