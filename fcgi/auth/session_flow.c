#include "fcgi/auth/session_flow.h"

#include <string.h>

#include "fcgi/auth/access_token.h"
#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/refresh_token.h"
#include "fcgi/auth/session_store.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

/* --- going on ----------------------------------------------------------------------------- */

enum err
session_tokens_issue(const struct app *app, const struct call *call, const struct user *user,
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
	const struct user_event_detail detail = {
	    .client = &call->client, .reason = "refresh_reused"};
	struct user_event event;
	struct session_end end = {.session_id = &session->id,
	    .reason = "refresh_reused",
	    .event = &event,
	    .client = call->client};

	id_new(call->now_ms, &end.audit_id);
	TRY(user_event_make(call, EVENT_SIGN_IN_SUSPICIOUS, &session->user, &detail, &event));
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
	return session_tokens_issue(
	    app, call, &session.user, &successor, session.expires_in_s, out);
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
session_end_one(
    const struct call *call, const struct principal *principal, const struct id *session_id)
{
	struct session_end end = {
	    .session_id = session_id, .reason = "session_ended", .client = call->client};
	struct user user;
	enum err err;

	TRY(account_of_principal(call, principal, &user));
	err =
	    session_store_user(call->pg, &call->deadline, call->arena, session_id, &user.id, &user);
	if (err == ERR_TOKEN_INVALID)
		return ERR_NOT_FOUND;
	TRY(err);
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
