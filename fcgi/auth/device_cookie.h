/*
 * auth/device_cookie: what tells that somebody signed in by this device before.
 *
 * Pure but for the kernel's randomness.  OWASP's "device cookies": a nonce and a time, signed
 * together with the account and its password's version by a key of the server.  So nobody else can
 * make one, it is worth nothing for another account, and a new password takes back all of them.
 * It proves no identity: it only says whose failures an attempt counts among (throttle.h).
 */
#ifndef FCGI_AUTH_DEVICE_COOKIE_H
#define FCGI_AUTH_DEVICE_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/auth/derived_keys.h"
#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/id.h"

#define DEVICE_COOKIE_NAME  "shop_device"
#define DEVICE_COOKIE_TTL_S INT64_C(15552000) /* 180 days since its last sign-in */

struct device_owner {
	struct id user_id;
	const char *password_version;
};

/* A fresh value, by today's key.  ERR_MEMORY. */
MUST_USE enum err device_cookie_make(const struct derived_keys *keys, struct arena *arena,
    const struct device_owner *owner, int64_t now_ms, const char **out);
/* Is VALUE (NULL: none came) one of ours, of OWNER as they are now, and not too old?  What came is
 * looked at in constant time. */
bool device_cookie_valid(const struct derived_keys *keys, struct arena *arena, const char *value,
    const struct device_owner *owner, int64_t now_ms);

#endif
