#include "fcgi/auth/password_flow.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/link_store.h"
#include "fcgi/auth/link_token.h"
#include "fcgi/auth/password_proof.h"
#include "fcgi/auth/password_store.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/throttle.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/infra/pg.h"

static enum err
judge_by_owner(const struct call *call, const struct user *user, const char *normal)
{
	bool tells;

	TRY(password_tells_owner(call->arena, normal, user->email, user->name, &tells));
	return tells ? fault_field(call->fault, FIELD_IN_BODY, "/new_password",
			   FIELD_PASSWORD_COMMON, "%s", PASSWORD_TELLS_OWNER)
		     : ERR_OK;
}

/* Hashes NORMAL and sets it where ACCOUNT's password is still the one that was read.  ERR_CONFLICT:
 * it is not. */
static enum err
set_password(const struct app *app, const struct call *call, const struct account_secret *account,
    const char *normal, struct new_password *password)
{
	const struct user_event_detail detail = {.client = &call->client};
	auto_pg_tx struct pg *tx = call->pg;

	TRY(judge_by_owner(call, &account->user, normal));
	TRY(passwords_hash(app->passwords, &call->deadline, normal, call->fault, &password->hash));
	password->user_id = &account->user.id;
	id_new(call->now_ms, &password->audit_id);
	TRY(user_event_make(
	    call, EVENT_PASSWORD_CHANGED, &account->user, &detail, &password->event));
	TRY(pg_begin(tx, &call->deadline));
	TRY(account_store_lock(call, &account->user.id, account->password_version));
	TRY(password_store_change(call, password));
	CRASH_AT("password.change");
	return pg_commit(tx, &call->deadline);
}

enum err
password_change(const struct app *app, const struct call *call, const struct principal *principal,
    const struct password_change *change)
{
	struct new_password password = {.actor_id = &principal->user_id,
	    .kept_session_id = &principal->session_id,
	    .forgiven = "{}",
	    .action = "password_changed"};
	struct account_secret proven;
	enum err err;

	TRY(password_proof(app, call, principal, change->current_password, &proven));
	err = set_password(app, call, &proven, change->new_password, &password);
	if (err == ERR_CONFLICT)
		return ERR_WRONG_PASSWORD;
	TRY(err);
	log_info("password changed", LOG_TEXT("user_id", principal->user_id.text));
	return ERR_OK;
}

enum err
password_forgot(const struct call *call, const char *email_key)
{
	return link_store_request_reset(call, email_key);
}

enum err
password_reset(const struct app *app, const struct call *call, const struct password_reset *reset)
{
	struct new_password password = {.action = "password_reset"};
	struct account_secret account;
	const char *kept;
	enum err err;

	TRY(link_token_kept(call->arena, reset->token, &kept));
	TRY(link_store_find_reset(call, kept, &account));
	TRY(throttle_owner_counts(
	    call->arena, account.email_key, call->network, &password.forgiven));
	err = set_password(app, call, &account, reset->new_password, &password);
	/* Another link of the same account was quicker, or this one in another request: any
	 * password that is set spends them all. */
	if (err == ERR_CONFLICT)
		return ERR_TOKEN_SPENT;
	TRY(err);
	log_info("password reset", LOG_TEXT("user_id", account.user.id.text));
	return ERR_OK;
}
