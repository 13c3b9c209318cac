/*
 * auth/user: an account, as handlers and answers know it.  It never holds a hash.
 */
#ifndef FCGI_AUTH_USER_H
#define FCGI_AUTH_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/id.h"

struct user { /* texts live in the request's arena */
	struct id id;
	const char *email;
	const char *name;
	const char *locale; /* or NULL */
	unsigned roles;     /* enum role */
	bool email_verified;
	int64_t created_at_ms, updated_at_ms;
};

/* Who asks, as sessions and the audit note it. */
struct client {
	const char *address;
	const char *user_agent;
};

#endif
