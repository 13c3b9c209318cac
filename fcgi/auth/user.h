/*
 * auth/user: an account, and what is said about one on its way in and out.
 *
 * Texts live in the request's arena.  Nothing here ever holds a hash.
 */
#ifndef FCGI_AUTH_USER_H
#define FCGI_AUTH_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/id.h"

struct user {
	struct id id;
	const char *email;
	const char *name;
	const char *locale; /* or NULL */
	unsigned roles;     /* enum role */
	bool email_verified;
	bool disabled;
	int64_t created_at_ms, updated_at_ms;
};

struct registration {
	const char *email, *email_key;
	const char *password; /* normalised, and allowed */
	const char *name;
	const char *locale; /* or NULL */
};

/* Whatever may be somebody's: what is no address or no password is simply wrong. */
struct credentials {
	const char *email_key;
	const char *password; /* normalised */
};

/* What its owner changes of an account. */
struct profile_patch {
	const char *name; /* NULL: stays */
	bool has_locale;
	const char *locale; /* if has_locale; NULL: none any more */
};

struct password_change {
	const char *current_password; /* normalised */
	const char *new_password;     /* normalised, and allowed */
};

struct password_reset {
	const char *token;
	const char *new_password; /* normalised, and allowed */
};

/* What finishes a sign-in that waits for a code. */
struct mfa_answer {
	const char *mfa_token;
	const char *code;
};

/* What an administrator changes of an account. */
struct user_patch {
	bool has_roles;
	unsigned roles;
	bool has_disabled;
	bool disabled;
};

/* What a session gives its owner. */
struct tokens {
	const char *access_token;
	int64_t expires_in_s;
	const char *refresh_token;
	int64_t refresh_expires_in_s;
	struct user user;
	const char *device_cookie; /* after a sign-in; NULL after a refresh */
};

#endif
