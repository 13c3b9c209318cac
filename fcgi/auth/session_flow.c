#include "fcgi/auth/session_flow.h"

#include <openssl/sha.h>
#include <string.h>

#include "fcgi/auth/access_token.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/auth_metrics.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/refresh_token.h"
#include "fcgi/auth/session_store.h"
#include "fcgi/auth/throttle_store.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

/* --- signing in --------------------------------------------------------------------------- */

static enum err
refuse_locked(const struct call *call, int64_t locked_ms)
{
	call->fault->retry_after_s = (unsigned)((locked_ms + 999) / 1000);
	return fault_set(call->fault, ERR_ACCOUNT_LOCKED,
	    "Too many sign-ins failed. Try again in %u seconds.", call->fault->retry_after_s);
}

/* The name that failures are counted under: no list of addresses. */
static enum err
account_hash_of(struct arena *arena, const char *email_key, const char **out)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	(void)SHA256((const unsigned char *)email_key, strlen(email_key), digest);
	*out = base64url_encode(arena, digest, sizeof(digest));
	return *out != NULL ? ERR_OK : ERR_MEMORY;
}

static enum err
fail_sign_in(const struct call *call, const struct login_account *account, const char *account_hash)
{
	struct login_failure failure = {.account_hash = account_hash,
	    .user_id = account->known ? &account->user.id : NULL,
	    .client = call->client};
	int64_t locked_ms;
	enum err err;

	id_new(call->now_ms, &failure.audit_id);
	err = throttle_store_fail(call->pg, &call->deadline, &failure, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return refuse_locked(call, locked_ms);
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
fill_tokens(const struct app *app, const struct call *call, const struct user *user,
    const struct refresh_token *refresh, int64_t refresh_expires_in_s, struct tokens *out)
{
	struct tokens tokens = {.expires_in_s = app->settings->access_ttl_s,
	    .refresh_expires_in_s = refresh_expires_in_s,
	    .user = *user};

	TRY_ALLOC(tokens.refresh_token = refresh_token_text(call->arena, refresh));
	TRY(access_token_issue(app, call->arena, user, &refresh->session_id, &tokens.access_token));
	*out = tokens;
	return ERR_OK;
}

static enum err
begin_session(const struct app *app, const struct call *call, const struct login_account *account,
    const char *account_hash, struct tokens *out)
{
	struct new_session session = {.user_id = account->user.id,
	    .password_version = account->password_version,
	    .account_hash = account_hash,
	    .ttl_s = app->settings->refresh_ttl_s,
	    .client = call->client};
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
	/* Signed before it is stored: without a key there is no session left behind. */
	TRY(fill_tokens(app, call, &account->user, &refresh, session.ttl_s, &tokens));
	err = session_store_add(call->pg, &call->deadline, &session, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return refuse_locked(call, locked_ms);
	TRY(err);
	*out = tokens;
	return ERR_OK;
}

static enum err
sign_in(const struct app *app, const struct call *call, const struct credentials *credentials,
    struct login_account *account, struct tokens *out)
{
	struct password_verdict verdict;
	const char *account_hash;

	TRY(account_hash_of(call->arena, credentials->email_key, &account_hash));
	TRY(user_store_find_login(
	    call->pg, &call->deadline, call->arena, credentials->email_key, account_hash, account));
	if (account->locked_ms > 0)
		return refuse_locked(call, account->locked_ms);
	TRY(passwords_verify(app->passwords, &call->deadline, credentials->password,
	    account->password_hash, account->pepper_id, call->fault, &verdict));
	if (!verdict.matches || account->disabled)
		return fail_sign_in(call, account, account_hash);
	TRY(begin_session(app, call, account, account_hash, out));
	if (verdict.outdated)
		rehash(app, call, account, credentials->password);
	return ERR_OK;
}

enum err
session_sign_in(const struct app *app, const struct call *call,
    const struct credentials *credentials, struct tokens *out)
{
	struct login_account account = {.known = false};
	enum err err = sign_in(app, call, credentials, &account, out);
	const char *const labels[METRIC_LABELS_MAX] = {err_code(err)};

	metric_add(app->metrics, &metric_sign_ins, labels, 1);
	if (err == ERR_OK)
		log_info("signed in", LOG_TEXT("user_id", account.user.id.text));
	else if (account.known)
		log_info("sign-in refused", LOG_TEXT("reason", err_code(err)),
		    LOG_TEXT("user_id", account.user.id.text),
		    LOG_BOOL("disabled", account.disabled));
	else
		log_info("sign-in refused", LOG_TEXT("reason", err_code(err)),
		    LOG_TEXT("user_id", NULL));
	return err;
}

/* --- going on ----------------------------------------------------------------------------- */

/* Bytes that the database keeps as base64url. */
static enum err
decode_kept(struct arena *arena, const char *text, size_t size, unsigned char *out)
{
	struct span bytes;

	if (base64url_decode(arena, text, strlen(text), &bytes) != ERR_OK || bytes.len != size)
		return arena_overflowed(arena) ? ERR_MEMORY : ERR_CORRUPT;
	memcpy(out, bytes.data, size);
	return ERR_OK;
}

static bool
hash_is(struct arena *arena, const struct refresh_token *token, const char *kept)
{
	const char *hash = refresh_token_hash(arena, token);

	return hash != NULL && kept != NULL &&
	    bytes_equal_secret(hash, strlen(hash), kept, strlen(kept));
}

/* The latest token of its session, used for the first time. */
static enum err
rotate(const struct app *app, const struct call *call, const struct refresh_token *token,
    const unsigned char key[REFRESH_KEY_BYTES], struct refresh_token *successor)
{
	unsigned char salt[REFRESH_SALT_BYTES];
	struct rotation rotation = {.session_id = &token->session_id,
	    .generation = token->generation,
	    .ttl_s = app->settings->refresh_ttl_s,
	    .client = call->client};

	random_bytes(salt, sizeof(salt));
	refresh_token_successor(token, salt, key, successor);
	TRY_ALLOC(rotation.token_hash = refresh_token_hash(call->arena, token));
	TRY_ALLOC(rotation.successor_hash = refresh_token_hash(call->arena, successor));
	TRY_ALLOC(rotation.salt = base64url_encode(call->arena, salt, sizeof(salt)));
	return session_store_rotate(call->pg, &call->deadline, &rotation);
}

static enum err
end_reused(const struct call *call, const struct session *session)
{
	struct session_end end = {
	    .session_id = &session->id, .reason = "refresh_reused", .client = call->client};

	id_new(call->now_ms, &end.audit_id);
	TRY(session_store_end(call->pg, &call->deadline, &end));
	log_warn("a refresh token came back after its use: session ended",
	    LOG_TEXT("user_id", session->user.id.text), LOG_TEXT("session_id", session->id.text));
	return ERR_REFRESH_REUSED;
}

/* Which successor TOKEN has in SESSION, which was just read.  ERR_CONFLICT: read it again. */
static enum err
succeed(const struct app *app, const struct call *call, const struct refresh_token *token,
    struct session *session, struct refresh_token *successor)
{
	unsigned char key[REFRESH_KEY_BYTES];
	unsigned char salt[REFRESH_SALT_BYTES];

	TRY(decode_kept(call->arena, session->mac_key, sizeof(key), key));
	if (!session->alive || !refresh_token_is_ours(token, key))
		return ERR_TOKEN_INVALID;
	if ((int64_t)token->generation == session->generation) {
		if (!hash_is(call->arena, token, session->token_hash))
			return ERR_TOKEN_INVALID;
		session->expires_in_s = app->settings->refresh_ttl_s;
		return rotate(app, call, token, key, successor);
	}
	if (!session->rotated || !session->in_grace)
		return end_reused(call, session);
	if (!hash_is(call->arena, token, session->rotated_hash))
		return ERR_TOKEN_INVALID;
	TRY(decode_kept(call->arena, session->salt, sizeof(salt), salt));
	refresh_token_successor(token, salt, key, successor);
	return ERR_OK;
}

enum err
session_refresh(
    const struct app *app, const struct call *call, const char *text, struct tokens *out)
{
	struct refresh_token token;
	struct refresh_token successor;
	struct session session;
	enum err err = ERR_CONFLICT;

	TRY(refresh_token_parse(call->arena, text, &token));
	/* Of two that come with the latest token at once one rotates; the other finds that done. */
	for (int tries = 0; tries < 2 && err == ERR_CONFLICT; tries++) {
		err = session_store_find(call->pg, &call->deadline, call->arena, &token.session_id,
		    token.generation, &session);
		if (err == ERR_NOT_FOUND)
			return ERR_TOKEN_INVALID;
		TRY(err);
		err = succeed(app, call, &token, &session, &successor);
	}
	/* Ended between the two looks. */
	if (err == ERR_CONFLICT)
		return ERR_TOKEN_INVALID;
	TRY(err);
	return fill_tokens(app, call, &session.user, &successor, session.expires_in_s, out);
}

/* --- signing out -------------------------------------------------------------------------- */

enum err
session_sign_out(const struct call *call, const char *text)
{
	struct session_end end = {.reason = "signed_out", .client = call->client};
	unsigned char key[REFRESH_KEY_BYTES];
	struct refresh_token token;
	struct session session;
	enum err err = refresh_token_parse(call->arena, text, &token);

	if (err == ERR_OK)
		err = session_store_find(call->pg, &call->deadline, call->arena, &token.session_id,
		    token.generation, &session);
	if (err == ERR_TOKEN_INVALID || err == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(err);
	TRY(decode_kept(call->arena, session.mac_key, sizeof(key), key));
	if (!refresh_token_is_ours(&token, key))
		return ERR_OK;
	end.session_id = &session.id;
	id_new(call->now_ms, &end.audit_id);
	return session_store_end(call->pg, &call->deadline, &end);
}

enum err
session_sign_out_everywhere(
    const struct app *app, const struct call *call, const char *access_token)
{
	struct session_end end = {.reason = "signed_out_everywhere", .client = call->client};
	struct jwt_claims claims;
	struct user user;

	TRY(access_token_check(app, call->arena, access_token, &claims));
	TRY(session_store_user(
	    call->pg, &call->deadline, call->arena, &claims.session_id, &claims.subject, &user));
	end.user_id = &user.id;
	end.actor_id = &user.id;
	id_new(call->now_ms, &end.audit_id);
	return session_store_end(call->pg, &call->deadline, &end);
}
