/*
 * edge/principal: who makes a request.
 *
 * Layer: edge.  Parsed from a verified access token; its strings live in the request's arena.
 */
#ifndef SHARED_EDGE_PRINCIPAL_H
#define SHARED_EDGE_PRINCIPAL_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

enum role { ROLE_CUSTOMER = 1 << 0, ROLE_ADMIN = 1 << 1 };

struct principal {
	struct id user_id;    /* `sub` */
	struct id session_id; /* `sid`: the refresh family */
	const char *email;
	bool email_verified;
	unsigned roles; /* enum role, or-ed */
	int64_t expires_at_s;
};

static inline bool
principal_is_admin(const struct principal *principal)
{
	return (principal->roles & ROLE_ADMIN) != 0;
}

/*
 * How a program turns a bearer token into a principal.  verify() is called by any worker thread;
 * the principal and its strings are allocated in ARENA.  ERR_TOKEN_INVALID for every bad, expired
 * or revoked token; ERR_UNAVAILABLE when that can't be known.
 */
struct authenticator {
	enum err (*verify)(
	    void *context, struct arena *arena, const char *token, struct principal *out);
	void *context;
};

#endif
