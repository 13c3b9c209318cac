#include "fcgi/auth/access_token.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/keyring.h"
#include "shared/base/log.h"

enum err
access_token_issue(const struct app *app, struct arena *arena, const struct user *user,
    const struct id *session_id, const char **token)
{
	auto_key_loan struct key_loan loan = keyring_take(app->keyring);
	int64_t now_ms = clock_now_ms(app->clock);
	struct jwt_claims claims = {
	    .issuer = app->settings->tokens.issuer,
	    .audience = app->settings->tokens.audience,
	    .subject = user->id,
	    .session_id = *session_id,
	    .email = user->email,
	    .email_verified = user->email_verified,
	    .roles = user->roles,
	    .issued_at_s = now_ms / 1000,
	    .expires_at_s = now_ms / 1000 + app->settings->access_ttl_s,
	};

	if (loan.keys->signer == NULL) {
		log_error("no key to sign with", LOG_ERR(ERR_UNAVAILABLE));
		return ERR_UNAVAILABLE;
	}
	id_new(now_ms, &claims.token_id);
	return jwt_sign(loan.keys->signer, &claims, arena, token);
}

enum err
access_token_check(
    const struct app *app, struct arena *arena, const char *token, struct jwt_claims *out)
{
	auto_key_loan struct key_loan loan = keyring_take(app->keyring);
	struct jwt_expect expect = {
	    .issuer = app->settings->tokens.issuer,
	    .audience = app->settings->tokens.audience,
	    .now_s = clock_now_ms(app->clock) / 1000,
	};
	const char *why = NULL;
	enum err err = jwt_verify(loan.keys->set, &expect, arena, token, out, NULL, &why);

	if (err == ERR_TOKEN_INVALID)
		log_debug("access token refused", LOG_TEXT("reason", why));
	return err;
}

static enum err
verify(void *context, struct arena *arena, const char *token, struct principal *out)
{
	struct jwt_claims claims;

	TRY(access_token_check(context, arena, token, &claims));
	*out = (struct principal){
	    .user_id = claims.subject,
	    .session_id = claims.session_id,
	    .email = claims.email,
	    .email_verified = claims.email_verified,
	    .roles = claims.roles,
	    .expires_at_s = claims.expires_at_s,
	};
	return ERR_OK;
}

struct authenticator
access_token_authenticator(struct app *app)
{
	return (struct authenticator){.verify = verify, .context = app};
}
