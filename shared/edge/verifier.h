/*
 * edge/verifier: checks access tokens in a service that is not auth.
 *
 * Layer: edge.  Keys come from auth's JWKS and revoked sessions from auth's list, both polled every
 * POLL_MS by a background thread; an unknown kid makes it ask for the keys at once, at most once a
 * second.  With auth away it goes on with what it knows.  Verified tokens are remembered until they
 * expire or the keys change, in a table of fixed size, so that a hot token costs one SHA-256.  A
 * revoked session's tokens, and those by a key that was removed, are refused from the poll on.
 * Safe on any thread.
 */
#ifndef SHARED_EDGE_VERIFIER_H
#define SHARED_EDGE_VERIFIER_H

#include "shared/base/clock.h"
#include "shared/base/config.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"
#include "shared/edge/token_settings.h"

struct verifier_settings {
	const char *auth_url;         /* AUTH_URL: base address of auth's own port */
	int64_t poll_ms;              /* REVOCATION_POLL */
	struct token_settings tokens; /* filled by token_settings_rows */
};

/* All of struct verifier_settings but its last member. */
extern const struct config_row verifier_settings_rows[];

struct metrics;
struct verifier;

/* Borrows the settings' strings and CLOCK for life.  ERR_CONFIG: an address that is too long. */
MUST_USE enum err verifier_new(
    const struct verifier_settings *settings, const struct clock *clock, struct verifier **out);
/* Starts the thread (signals blocked by the caller).  Never waits for auth: until its keys and its
 * list of revoked sessions came, a token is ERR_UNAVAILABLE. */
MUST_USE enum err verifier_start(struct verifier *verifier);
/* Stops and joins the thread, which may first have to wait for an answer of auth, 2 s at most. */
void verifier_free(struct verifier **verifier);
/* For struct service. */
struct authenticator verifier_authenticator(struct verifier *verifier);
/* How long ago auth answered last, in ms; -1: never yet. */
int64_t verifier_age_ms(const struct verifier *verifier);
/* For /readyz: without auth's keys no token can be checked (ERR_UNAVAILABLE); with keys known, they
 * serve on.  DETAIL, of SIZE bytes, says so. */
MUST_USE enum err verifier_check(const struct verifier *verifier, char *detail, size_t size);
/* Sets the gauge of its age. */
void verifier_collect(const struct verifier *verifier, struct metrics *metrics);

#endif
