#include "fcgi/auth/app.h"
#include "fcgi/auth/auth_metrics.h"
#include "fcgi/auth/device_cookie.h"
#include "fcgi/auth/link_token.h"
#include "fcgi/auth/mfa_flow.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/role_names.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/session_store.h"
#include "fcgi/auth/throttle_store.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

enum err
session_refuse_locked(const struct call *call, int64_t locked_ms)
{
	call->fault->retry_after_s = (unsigned)((locked_ms + 999) / 1000);
	return fault_set(call->fault, ERR_ACCOUNT_LOCKED,
	    "Too many attempts failed. Try again in %u seconds.", call->fault->retry_after_s);
}

static struct device_owner
owner_of(const struct login_account *account)
{
	return (struct device_owner){account->user.id, account->password_version};
}

/* What holds this attempt up, now that it is known for whom it is. */
static enum err
decide(const struct app *app, const struct call *call, const struct throttle_buckets *buckets,
    const struct login_account *account, struct throttle *out)
{
	struct throttle_place place = {.address_known = account->address_known};
	struct device_owner owner = owner_of(account);

	if (account->known)
		place.device_known = device_cookie_valid(
		    app->derived_keys, call->arena, call->device_cookie, &owner, call->now_ms);
	return throttle_decide(call->arena, buckets, &account->locks, place, out);
}

static enum err
fail_sign_in(const struct call *call, const struct login_account *account,
    const struct throttle *throttle, const char *factor)
{
	const struct user_event_detail detail = {
	    .client = &call->client, .reason = "too_many_failures"};
	struct user_event event;
	struct login_failure failure = {.throttle = throttle,
	    .user_id = account->known ? &account->user.id : NULL,
	    .action = "sign_in_failed",
	    .factor = factor,
	    .event = account->known ? &event : NULL,
	    .client = call->client};
	int64_t locked_ms;
	enum err err;

	/* The same work, whether there is somebody to tell or not. */
	TRY(user_event_make(call, EVENT_SIGN_IN_SUSPICIOUS, &account->user, &detail, &event));
	id_new(call->now_ms, &failure.audit_id);
	err = throttle_store_fail(call->pg, &call->deadline, &failure, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return session_refuse_locked(call, locked_ms);
	return err == ERR_OK ? ERR_CREDENTIALS : err;
}

/* A hash by yesterday's cost or pepper becomes one by today's, while the password is at hand.  The
 * sign-in does not depend on it. */
static void
rehash(const struct app *app, const struct call *call, const struct login_account *account,
    const char *password)
{
	struct password_hash anew;
	enum err err =
	    passwords_hash(app->passwords, &call->deadline, password, call->fault, &anew);

	if (err == ERR_OK)
		err = user_store_rehash(
		    call->pg, &call->deadline, &account->user.id, account->password_hash, &anew);
	if (err != ERR_OK)
		log_warn("password not rehashed", LOG_ERR(err));
}

static enum err
begin_session(const struct app *app, const struct call *call, const struct login_account *account,
    const struct throttle *throttle, struct tokens *out)
{
	struct new_session session = {.user_id = account->user.id,
	    .password_version = account->password_version,
	    .throttle = throttle,
	    .network = call->network,
	    .ttl_s = app->settings->refresh_ttl_s,
	    .client = call->client};
	struct device_owner owner = owner_of(account);
	unsigned char key[REFRESH_KEY_BYTES];
	struct refresh_token refresh;
	struct tokens tokens;
	int64_t locked_ms;
	enum err err;

	id_new(call->now_ms, &session.id);
	id_new(call->now_ms, &session.audit_id);
	random_bytes(key, sizeof(key));
	refresh_token_first(&session.id, key, &refresh);
	TRY_ALLOC(session.mac_key = base64url_encode(call->arena, key, sizeof(key)));
	TRY_ALLOC(session.token_hash = refresh_token_hash(call->arena, &refresh));
	TRY_ALLOC(session.roles = role_names_text(call->arena, account->user.roles));
	/* Signed before it is stored: without a key there is no session left behind. */
	TRY(session_tokens_issue(app, call, &account->user, &refresh, session.ttl_s, &tokens));
	TRY(device_cookie_make(
	    app->derived_keys, call->arena, &owner, call->now_ms, &tokens.device_cookie));
	err = session_store_add(call->pg, &call->deadline, &session, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return session_refuse_locked(call, locked_ms);
	TRY(err);
	*out = tokens;
	return ERR_OK;
}

/* The password is right: a token says so, until the code comes. */
static enum err
ask_for_code(
    const struct call *call, const struct login_account *account, const struct throttle *throttle)
{
	struct new_challenge challenge = {.user_id = &account->user.id,
	    .password_version = account->password_version,
	    .throttle = throttle};
	int64_t locked_ms;
	const char *token;
	enum err err;

	TRY(link_token_new(call->arena, &token, &challenge.token_kept));
	err = mfa_store_challenge(call, &challenge, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return session_refuse_locked(call, locked_ms);
	TRY(err);
	call->fault->mfa_token = token;
	return ERR_MFA_REQUIRED;
}

static enum err
sign_in(const struct app *app, const struct call *call, const struct credentials *credentials,
    struct login_account *account, struct tokens *out)
{
	struct throttle_buckets buckets;
	struct password_verdict verdict;
	struct throttle throttle;
	enum err err;

	TRY(throttle_buckets_of(
	    call->arena, credentials->email_key, call->network, call->device_cookie, &buckets));
	TRY(user_store_find_login(call->pg, &call->deadline, call->arena, credentials->email_key,
	    &buckets, call->network, account));
	TRY(decide(app, call, &buckets, account, &throttle));
	if (throttle.locked_ms > 0)
		return session_refuse_locked(call, throttle.locked_ms);
	TRY(passwords_verify(app->passwords, &call->deadline, credentials->password,
	    account->password_hash, account->pepper_id, call->fault, &verdict));
	if (!verdict.matches || account->user.disabled)
		return fail_sign_in(call, account, &throttle, "password");
	err = account->second_factor ? ask_for_code(call, account, &throttle)
				     : begin_session(app, call, account, &throttle, out);
	if (verdict.outdated && (err == ERR_OK || err == ERR_MFA_REQUIRED))
		rehash(app, call, account, credentials->password);
	return err;
}

static void
note_result(const struct app *app, const struct login_account *account, enum err err)
{
	const char *const labels[METRIC_LABELS_MAX] = {err_code(err)};

	metric_add(app->metrics, &metric_sign_ins, labels, 1);
	if (err == ERR_OK)
		log_info("signed in", LOG_TEXT("user_id", account->user.id.text));
	else if (account->known)
		log_info("sign-in refused", LOG_TEXT("reason", err_code(err)),
		    LOG_TEXT("user_id", account->user.id.text),
		    LOG_BOOL("disabled", account->user.disabled));
	else
		log_info("sign-in refused", LOG_TEXT("reason", err_code(err)),
		    LOG_TEXT("user_id", NULL));
}

enum err
session_sign_in(const struct app *app, const struct call *call,
    const struct credentials *credentials, struct tokens *out)
{
	struct login_account account = {.known = false};
	enum err err = sign_in(app, call, credentials, &account, out);

	note_result(app, &account, err);
	return err;
}

/* --- the code ----------------------------------------------------------------------------- */

/* One answer for a wrong code and for a token that is over: guessing tells nothing. */
static enum err
refuse_challenge(const struct call *call)
{
	return fault_set(call->fault, ERR_CREDENTIALS,
	    "The code is wrong, or the mfa_token is: after five tries or five minutes it takes a "
	    "new sign-in.");
}

/* The challenge, the code and the session: all of it or nothing. */
static enum err
finish(const struct app *app, const struct call *call, const struct login_account *account,
    const struct throttle *throttle, const char *token_kept, const struct mfa_use *use,
    struct tokens *out)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct tokens tokens;
	enum err err;

	TRY(pg_begin(tx, &call->deadline));
	err = mfa_store_spend(call, token_kept);
	if (err == ERR_NOT_FOUND)
		return ERR_WRONG_CODE;
	TRY(err);
	TRY(mfa_store_use(call, use));
	TRY(begin_session(app, call, account, throttle, &tokens));
	TRY(pg_commit(tx, &call->deadline));
	*out = tokens;
	return ERR_OK;
}

static enum err
sign_in_by_code(const struct app *app, const struct call *call, const struct mfa_answer *answer,
    struct login_account *account, struct tokens *out)
{
	struct throttle_buckets buckets;
	struct mfa_challenge challenge;
	struct throttle throttle;
	const char *token_kept;
	struct mfa_use use;
	enum err err = link_token_kept(call->arena, answer->mfa_token, &token_kept);

	if (err == ERR_OK)
		err = mfa_store_try(call, token_kept, &challenge);
	if (err == ERR_TOKEN_SPENT || err == ERR_NOT_FOUND)
		return refuse_challenge(call);
	TRY(err);
	TRY(throttle_buckets_of(
	    call->arena, challenge.email_key, call->network, call->device_cookie, &buckets));
	TRY(user_store_find_login(call->pg, &call->deadline, call->arena, challenge.email_key,
	    &buckets, call->network, account));
	/* Another password, or none of that address any more. */
	if (!account->known || !str_equal(account->password_version, challenge.password_version))
		return refuse_challenge(call);
	TRY(decide(app, call, &buckets, account, &throttle));
	if (throttle.locked_ms > 0)
		return session_refuse_locked(call, throttle.locked_ms);
	err = mfa_check_code(app, call, &challenge.factor, answer->code, &use);
	if (err == ERR_OK)
		err = finish(app, call, account, &throttle, token_kept, &use, out);
	if (err == ERR_WRONG_CODE)
		err = fail_sign_in(call, account, &throttle, "code");
	return err == ERR_CREDENTIALS ? refuse_challenge(call) : err;
}

enum err
session_sign_in_by_code(const struct app *app, const struct call *call,
    const struct mfa_answer *answer, struct tokens *out)
{
	struct login_account account = {.known = false};
	enum err err = sign_in_by_code(app, call, answer, &account, out);

	note_result(app, &account, err);
	return err;
}
