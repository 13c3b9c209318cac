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

static struct client
client_of(const struct request *rq)
{
	return (struct client){rq->address, rq->user_agent};
}

/* --- signing in --------------------------------------------------------------------------- */

static enum err
refuse_locked(struct request *rq, int64_t locked_ms)
{
	rq->fault.retry_after_s = (unsigned)((locked_ms + 999) / 1000);
	return fault_set(&rq->fault, ERR_ACCOUNT_LOCKED,
	    "Too many sign-ins failed. Try again in %u seconds.", rq->fault.retry_after_s);
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
fail_sign_in(struct request *rq, const struct login_account *account, const char *account_hash)
{
	struct login_failure failure = {.account_hash = account_hash,
	    .user_id = account->known ? &account->user.id : NULL,
	    .client = client_of(rq)};
	int64_t locked_ms;
	enum err err;

	id_new(rq->now_ms, &failure.audit_id);
	err = throttle_store_fail(rq->worker->pg, &rq->deadline, &failure, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return refuse_locked(rq, locked_ms);
	return err == ERR_OK ? ERR_CREDENTIALS : err;
}

/* A hash by yesterday's cost or pepper becomes one by today's, while the password is at hand.  The
 * sign-in does not depend on it. */
static void
rehash(const struct app *app, struct request *rq, const struct login_account *account,
    const char *password)
{
	struct password_hash anew;
	enum err err = passwords_hash(app->passwords, &rq->deadline, password, &rq->fault, &anew);

	if (err == ERR_OK)
		err = user_store_rehash(rq->worker->pg, &rq->deadline, &account->user.id,
		    account->password_hash, &anew);
	if (err != ERR_OK)
		log_warn("password not rehashed", LOG_ERR(err));
}

static enum err
fill_tokens(const struct app *app, struct request *rq, const struct user *user,
    const struct refresh_token *refresh, int64_t refresh_expires_in_s, struct tokens *out)
{
	struct tokens tokens = {.expires_in_s = app->settings->access_ttl_s,
	    .refresh_expires_in_s = refresh_expires_in_s,
	    .user = *user};

	TRY_ALLOC(tokens.refresh_token = refresh_token_text(rq->arena, refresh));
	TRY(access_token_issue(app, rq->arena, user, &refresh->session_id, &tokens.access_token));
	*out = tokens;
	return ERR_OK;
}

static enum err
begin_session(const struct app *app, struct request *rq, const struct login_account *account,
    const char *account_hash, struct tokens *out)
{
	struct new_session session = {.user_id = account->user.id,
	    .password_version = account->password_version,
	    .account_hash = account_hash,
	    .ttl_s = app->settings->refresh_ttl_s,
	    .client = client_of(rq)};
	unsigned char key[REFRESH_KEY_BYTES];
	struct refresh_token refresh;
	struct tokens tokens;
	int64_t locked_ms;
	enum err err;

	id_new(rq->now_ms, &session.id);
	id_new(rq->now_ms, &session.audit_id);
	random_bytes(key, sizeof(key));
	refresh_token_first(&session.id, key, &refresh);
	TRY_ALLOC(session.mac_key = base64url_encode(rq->arena, key, sizeof(key)));
	TRY_ALLOC(session.token_hash = refresh_token_hash(rq->arena, &refresh));
	/* Signed before it is stored: without a key there is no session left behind. */
	TRY(fill_tokens(app, rq, &account->user, &refresh, session.ttl_s, &tokens));
	err = session_store_add(rq->worker->pg, &rq->deadline, &session, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return refuse_locked(rq, locked_ms);
	TRY(err);
	*out = tokens;
	return ERR_OK;
}

static enum err
sign_in(const struct app *app, struct request *rq, const struct credentials *credentials,
    struct login_account *account, struct tokens *out)
{
	struct password_verdict verdict;
	const char *account_hash;

	TRY(account_hash_of(rq->arena, credentials->email_key, &account_hash));
	TRY(user_store_find_login(rq->worker->pg, &rq->deadline, rq->arena, credentials->email_key,
	    account_hash, account));
	if (account->locked_ms > 0)
		return refuse_locked(rq, account->locked_ms);
	TRY(passwords_verify(app->passwords, &rq->deadline, credentials->password,
	    account->password_hash, account->pepper_id, &rq->fault, &verdict));
	if (!verdict.matches || account->disabled)
		return fail_sign_in(rq, account, account_hash);
	TRY(begin_session(app, rq, account, account_hash, out));
	if (verdict.outdated)
		rehash(app, rq, account, credentials->password);
	return ERR_OK;
}

enum err
session_sign_in(const struct app *app, struct request *rq, const struct credentials *credentials,
    struct tokens *out)
{
	struct login_account account = {.known = false};
	enum err err = sign_in(app, rq, credentials, &account, out);
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
rotate(const struct app *app, struct request *rq, const struct refresh_token *token,
    const unsigned char key[REFRESH_KEY_BYTES], struct refresh_token *successor)
{
	unsigned char salt[REFRESH_SALT_BYTES];
	struct rotation rotation = {.session_id = &token->session_id,
	    .generation = token->generation,
	    .ttl_s = app->settings->refresh_ttl_s,
	    .client = client_of(rq)};

	random_bytes(salt, sizeof(salt));
	refresh_token_successor(token, salt, key, successor);
	TRY_ALLOC(rotation.token_hash = refresh_token_hash(rq->arena, token));
	TRY_ALLOC(rotation.successor_hash = refresh_token_hash(rq->arena, successor));
	TRY_ALLOC(rotation.salt = base64url_encode(rq->arena, salt, sizeof(salt)));
	return session_store_rotate(rq->worker->pg, &rq->deadline, &rotation);
}

static enum err
end_reused(struct request *rq, const struct session *session)
{
	struct session_end end = {
	    .session_id = &session->id, .reason = "refresh_reused", .client = client_of(rq)};

	id_new(rq->now_ms, &end.audit_id);
	TRY(session_store_end(rq->worker->pg, &rq->deadline, &end));
	log_warn("a refresh token came back after its use: session ended",
	    LOG_TEXT("user_id", session->user.id.text), LOG_TEXT("session_id", session->id.text));
	return ERR_REFRESH_REUSED;
}

/* Which successor TOKEN has in SESSION, which was just read.  ERR_CONFLICT: read it again. */
static enum err
succeed(const struct app *app, struct request *rq, const struct refresh_token *token,
    struct session *session, struct refresh_token *successor)
{
	unsigned char key[REFRESH_KEY_BYTES];
	unsigned char salt[REFRESH_SALT_BYTES];

	TRY(decode_kept(rq->arena, session->mac_key, sizeof(key), key));
	if (!session->alive || !refresh_token_is_ours(token, key))
		return ERR_TOKEN_INVALID;
	if ((int64_t)token->generation == session->generation) {
		if (!hash_is(rq->arena, token, session->token_hash))
			return ERR_TOKEN_INVALID;
		session->expires_in_s = app->settings->refresh_ttl_s;
		return rotate(app, rq, token, key, successor);
	}
	if (!session->rotated || !session->in_grace)
		return end_reused(rq, session);
	if (!hash_is(rq->arena, token, session->rotated_hash))
		return ERR_TOKEN_INVALID;
	TRY(decode_kept(rq->arena, session->salt, sizeof(salt), salt));
	refresh_token_successor(token, salt, key, successor);
	return ERR_OK;
}

enum err
session_refresh(const struct app *app, struct request *rq, const char *text, struct tokens *out)
{
	struct refresh_token token;
	struct refresh_token successor;
	struct session session;
	enum err err = ERR_CONFLICT;

	TRY(refresh_token_parse(rq->arena, text, &token));
	/* Of two that come with the latest token at once one rotates; the other finds that done. */
	for (int tries = 0; tries < 2 && err == ERR_CONFLICT; tries++) {
		err = session_store_find(rq->worker->pg, &rq->deadline, rq->arena,
		    &token.session_id, token.generation, &session);
		if (err == ERR_NOT_FOUND)
			return ERR_TOKEN_INVALID;
		TRY(err);
		err = succeed(app, rq, &token, &session, &successor);
	}
	/* Ended between the two looks. */
	if (err == ERR_CONFLICT)
		return ERR_TOKEN_INVALID;
	TRY(err);
	return fill_tokens(app, rq, &session.user, &successor, session.expires_in_s, out);
}

/* --- signing out -------------------------------------------------------------------------- */

enum err
session_sign_out(struct request *rq, const char *text)
{
	struct session_end end = {.reason = "signed_out", .client = client_of(rq)};
	unsigned char key[REFRESH_KEY_BYTES];
	struct refresh_token token;
	struct session session;
	enum err err = refresh_token_parse(rq->arena, text, &token);

	if (err == ERR_OK)
		err = session_store_find(rq->worker->pg, &rq->deadline, rq->arena,
		    &token.session_id, token.generation, &session);
	if (err == ERR_TOKEN_INVALID || err == ERR_NOT_FOUND)
		return ERR_OK;
	TRY(err);
	TRY(decode_kept(rq->arena, session.mac_key, sizeof(key), key));
	if (!refresh_token_is_ours(&token, key))
		return ERR_OK;
	end.session_id = &session.id;
	id_new(rq->now_ms, &end.audit_id);
	return session_store_end(rq->worker->pg, &rq->deadline, &end);
}

enum err
session_sign_out_everywhere(const struct app *app, struct request *rq)
{
	struct session_end end = {.reason = "signed_out_everywhere", .client = client_of(rq)};
	struct jwt_claims claims;
	struct user user;
	const char *bearer;

	TRY(request_bearer(rq, &bearer));
	if (bearer == NULL)
		return ERR_TOKEN_MISSING;
	TRY(access_token_check(app, rq->arena, bearer, &claims));
	TRY(session_store_user(
	    rq->worker->pg, &rq->deadline, rq->arena, &claims.session_id, &claims.subject, &user));
	end.user_id = &user.id;
	end.actor_id = &user.id;
	id_new(rq->now_ms, &end.audit_id);
	return session_store_end(rq->worker->pg, &rq->deadline, &end);
}
