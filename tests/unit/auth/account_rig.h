/*
 * tests/unit/auth/account_rig: accounts with passwords and sessions, upon the rig.
 */
#ifndef TESTS_UNIT_AUTH_ACCOUNT_RIG_H
#define TESTS_UNIT_AUTH_ACCOUNT_RIG_H

#include "tests/unit/auth/auth_rig.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/session_flow.h"
#include "shared/base/str.h"

#define PASSWORD "correct horse battery"

/* An account of EMAIL, which is its own key. */
static struct user
make_account(const char *email)
{
	const struct registration registration = {
	    .email = email, .email_key = email, .password = PASSWORD, .name = "Ada"};
	struct user user;

	assert_err(ERR_OK, account_register(&rig.app, &rig.call, &registration, &user));
	return user;
}

static enum err
try_sign_in(const char *email, const char *password)
{
	const struct credentials credentials = {.email_key = email, .password = password};
	struct tokens tokens;

	return session_sign_in(&rig.app, &rig.call, &credentials, &tokens);
}

/* Whoever signs in with the right password, by the session that this begins. */
__attribute__((unused)) static struct principal
sign_in(const struct user *user)
{
	struct principal principal = {.user_id = user->id, .email = user->email};

	assert_err(ERR_OK, try_sign_in(user->email, PASSWORD));
	assert_err(ERR_OK,
	    id_parse(sql("SELECT max(id::text) FROM sessions WHERE user_id = '%s'", user->id.text),
		&principal.session_id));
	return principal;
}

__attribute__((unused)) static int
account_teardown(void **state)
{
	(void)state;
	(void)sql("TRUNCATE users, sessions, refresh_rotations, email_tokens, login_failures,"
		  " audit, outbox, reset_requests CASCADE");
	return 0;
}

#endif
