#include "shared/edge/verifier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/log.h"
#include "shared/edge/auth_feed.h"
#include "shared/edge/jwt.h"
#include "shared/edge/metrics.h"
#include "shared/edge/token_cache.h"

#define AT(member) offsetof(struct verifier_settings, member)

const struct config_row verifier_settings_rows[] = {
    {.name = "AUTH_URL",
	.type = CONFIG_URL,
	.offset = AT(auth_url),
	.text = "Auth's own port: where keys and ended sessions come from."},
    {.name = "REVOCATION_POLL",
	.type = CONFIG_INT,
	.offset = AT(poll_ms),
	.min = 100,
	.max = 60000,
	.fallback = "2000",
	.unit = "ms",
	.text = "How often auth is asked for ended sessions."},
    {.name = NULL},
};

/* So late that it is worth a word. */
#define LATE_POLLS 5

struct verifier {
	struct verifier_settings settings;
	const struct clock *clock;
	struct auth_feed *feed;
	struct token_cache *cache;
};

enum err
verifier_new(
    const struct verifier_settings *settings, const struct clock *clock, struct verifier **out)
{
	struct verifier *verifier = calloc(1, sizeof(*verifier));
	enum err err;

	TRY_ALLOC(verifier);
	verifier->settings = *settings;
	verifier->clock = clock;
	err = token_cache_new(&verifier->cache);
	if (err == ERR_OK)
		err = auth_feed_new(settings->auth_url, settings->poll_ms, clock, &verifier->feed);
	if (err != ERR_OK) {
		verifier_free(&verifier);
		return err;
	}
	*out = verifier;
	return ERR_OK;
}

enum err
verifier_start(struct verifier *verifier)
{
	return auth_feed_start(verifier->feed);
}

void
verifier_free(struct verifier **verifier)
{
	if (*verifier == NULL)
		return;
	auth_feed_free(&(*verifier)->feed);
	token_cache_free(&(*verifier)->cache);
	free(*verifier);
	*verifier = NULL;
}

static enum err
refuse(const char *why)
{
	log_debug("token refused", LOG_TEXT("why", why));
	return ERR_TOKEN_INVALID;
}

/* Verifies with the keys at hand.  *UNKNOWN_KID: others may know better. */
static enum err
verify_now(struct verifier *verifier, const struct token_digest *digest, struct arena *arena,
    const char *token, bool *unknown_kid, struct principal *out)
{
	const struct jwt_expect expect = {
	    .issuer = verifier->settings.tokens.issuer,
	    .audience = verifier->settings.tokens.audience,
	    .now_s = clock_now_ms(verifier->clock) / 1000,
	};
	auto_jwt_key_set struct jwt_key_set *keys = NULL;
	struct jwt_claims claims;
	const char *why = NULL;
	uint64_t generation;
	bool found;
	enum err err;

	*unknown_kid = false;
	keys = auth_feed_keys(verifier->feed, &generation);
	if (keys == NULL)
		return ERR_UNAVAILABLE;
	TRY(token_cache_get(verifier->cache, digest, generation, expect.now_s - JWT_CLOCK_SKEW_S,
	    arena, &found, out));
	if (found)
		return ERR_OK;
	err = jwt_verify(keys, &expect, arena, token, &claims, unknown_kid, &why);
	if (err == ERR_TOKEN_INVALID)
		return refuse(why);
	TRY(err);
	*out = (struct principal){
	    .user_id = claims.subject,
	    .session_id = claims.session_id,
	    .email = claims.email,
	    .email_verified = claims.email_verified,
	    .roles = claims.roles,
	    .expires_at_s = claims.expires_at_s,
	};
	token_cache_put(verifier->cache, digest, generation, out);
	return ERR_OK;
}

static enum err
verify(void *context, struct arena *arena, const char *token, struct principal *out)
{
	struct verifier *verifier = context;
	struct principal principal;
	struct token_digest digest;
	bool unknown_kid;
	enum err err;

	if (strnlen(token, JWT_TOKEN_MAX_BYTES + 1) > JWT_TOKEN_MAX_BYTES)
		return refuse("too long");
	TRY(token_digest_of(token, &digest));
	err = verify_now(verifier, &digest, arena, token, &unknown_kid, &principal);
	if (unknown_kid) {
		auth_feed_refetch_keys(verifier->feed);
		err = verify_now(verifier, &digest, arena, token, &unknown_kid, &principal);
	}
	TRY(err);
	/* After the cache: what it remembers may have ended since. */
	if (auth_feed_session_ended(verifier->feed, &principal.session_id))
		return refuse("its session has ended");
	*out = principal;
	return ERR_OK;
}

struct authenticator
verifier_authenticator(struct verifier *verifier)
{
	return (struct authenticator){.verify = verify, .context = verifier};
}

int64_t
verifier_age_ms(const struct verifier *verifier)
{
	return auth_feed_age_ms(verifier->feed);
}

enum err
verifier_check(const struct verifier *verifier, char *detail, size_t size)
{
	int64_t age_ms = verifier_age_ms(verifier);

	if (age_ms < 0)
		(void)snprintf(
		    detail, size, "has not answered yet: requests with a token are refused");
	else if (age_ms > LATE_POLLS * verifier->settings.poll_ms)
		(void)snprintf(detail, size,
		    "answered %" PRId64 " s ago: keys and ended sessions are as of then",
		    age_ms / 1000);
	return age_ms < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

void
verifier_collect(const struct verifier *verifier, struct metrics *metrics)
{
	static const struct metric_family age = {"shop_auth_answered_seconds", METRIC_GAUGE,
	    "Time since auth answered last; -1 before it ever did.", {NULL}};
	static const char *const no_labels[METRIC_LABELS_MAX] = {NULL};
	int64_t age_ms = verifier_age_ms(verifier);

	metric_set(metrics, &age, no_labels, age_ms < 0 ? -1 : age_ms / 1000);
}
