#include "fcgi/auth/mfa_flow.h"

#include <string.h>

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/password_proof.h"
#include "fcgi/auth/seal.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/throttle_store.h"
#include "fcgi/auth/totp.h"
#include "shared/base/log.h"
#include "shared/infra/pg.h"

static enum err
seal_secret(const struct app *app, const struct call *call,
    const unsigned char secret[TOTP_SECRET_BYTES], const struct id *user_id, const char **sealed)
{
	return seal_close(app->derived_keys->now.sealing, call->arena,
	    span_of((const char *)secret, TOTP_SECRET_BYTES), user_id->text, sealed);
}

/* Whose codes an app shows: the host of PUBLIC_URL.  It may hold no colon. */
static const char *
issuer_of(const struct app *app, struct arena *arena)
{
	const char *host = strstr(app->settings->service.program.public_url, "://");
	size_t len;

	host = host != NULL ? host + 3 : "shop";
	len = strcspn(host, ":/[");
	return len > 0 ? arena_memdup(arena, host, len) : "shop";
}

enum err
mfa_begin(const struct app *app, const struct call *call, const struct principal *principal,
    struct totp_offer *out)
{
	unsigned char secret[TOTP_SECRET_BYTES];
	struct second_factor factor = {.pepper_id = app->derived_keys->now.pepper_id};
	struct totp_offer offer;
	const char *issuer;
	struct user user;
	char *base32;
	enum err err;

	TRY(account_of_principal(call, principal, &user));
	factor.user_id = user.id;
	random_bytes(secret, sizeof(secret));
	err = seal_secret(app, call, secret, &user.id, &factor.secret);
	if (err == ERR_OK)
		err = totp_base32(call->arena, secret, sizeof(secret), &base32);
	bytes_wipe(secret, sizeof(secret));
	TRY(err);
	offer.secret = base32;
	TRY_ALLOC(issuer = issuer_of(app, call->arena));
	TRY(totp_uri(call->arena, issuer, user.email, base32, &offer.uri));
	err = mfa_store_begin(call, &factor);
	if (err == ERR_CONFLICT)
		return fault_set(
		    call->fault, err, "There is a second factor already: remove it first.");
	TRY(err);
	*out = offer;
	return ERR_OK;
}

static enum err
find_step(const struct app *app, const struct call *call, const struct second_factor *factor,
    const char *code, struct mfa_use *out)
{
	const struct key_family *family = derived_keys_find(app->derived_keys, factor->pepper_id);
	unsigned char secret[TOTP_SECRET_BYTES];
	enum err err = family != NULL ? seal_open(family->sealing, call->arena, factor->secret,
					    factor->user_id.text, secret, sizeof(secret))
				      : ERR_CORRUPT;

	if (err != ERR_OK) {
		log_error("a second factor can't be checked", LOG_ERR(err),
		    LOG_TEXT("user_id", factor->user_id.text));
		return err;
	}
	out->step = totp_find_step(secret, code, call->now_ms / 1000, factor->last_step);
	/* Under today's pepper from now on, so that yesterday's can go. */
	if (family != &app->derived_keys->now) {
		out->pepper_id = app->derived_keys->now.pepper_id;
		err = seal_secret(app, call, secret, &factor->user_id, &out->secret);
	}
	bytes_wipe(secret, sizeof(secret));
	TRY(err);
	return out->step != TOTP_NO_STEP ? ERR_OK : ERR_WRONG_CODE;
}

enum err
mfa_check_code(const struct app *app, const struct call *call, const struct second_factor *factor,
    const char *code, struct mfa_use *out)
{
	struct mfa_use use = {.user_id = factor->user_id, .step = TOTP_NO_STEP};

	id_new(call->now_ms, &use.audit_id);
	if (totp_is_code(code))
		TRY(find_step(app, call, factor, code, &use));
	else
		TRY(recovery_code_kept(call->arena, code, &use.recovery_kept));
	*out = use;
	return ERR_OK;
}

enum err
mfa_confirm(const struct app *app, const struct call *call, const struct principal *principal,
    const char *code, struct recovery_codes *out)
{
	struct mfa_confirmation confirmation;
	struct second_factor factor;
	struct recovery_codes codes;
	struct mfa_use use;
	struct user user;
	enum err err;

	TRY(account_of_principal(call, principal, &user));
	err = mfa_store_find(call, &user.id, &factor);
	if (err == ERR_NOT_FOUND || (err == ERR_OK && factor.confirmed))
		return fault_set(call->fault, ERR_CONFLICT, "No second factor waits for its code.");
	TRY(err);
	if (!totp_is_code(code))
		return ERR_WRONG_CODE;
	TRY(mfa_check_code(app, call, &factor, code, &use));
	TRY(recovery_codes_new(call->arena, &codes));
	confirmation = (struct mfa_confirmation){
	    .factor = &factor, .step = use.step, .recovery_kept = codes.kept};
	id_new(call->now_ms, &confirmation.audit_id);
	TRY(mfa_store_confirm(call, &confirmation));
	log_info("second factor confirmed", LOG_TEXT("user_id", user.id.text));
	*out = codes;
	return ERR_OK;
}

static enum err
remove_factor(const struct call *call, const struct mfa_use *use, const struct throttle *throttle)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct id audit_id;

	id_new(call->now_ms, &audit_id);
	TRY(pg_begin(tx, &call->deadline));
	TRY(mfa_store_use(call, use));
	TRY(mfa_store_remove(call, &use->user_id, &audit_id));
	TRY(throttle_store_forgive(call->pg, &call->deadline, throttle->counts));
	return pg_commit(tx, &call->deadline);
}

enum err
mfa_remove(const struct app *app, const struct call *call, const struct principal *principal,
    const char *password, const char *code)
{
	struct account_secret secret;
	struct second_factor factor;
	struct throttle throttle;
	const char *bucket;
	struct mfa_use use;
	enum err err;

	TRY(password_proof(app, call, principal, password, &secret));
	TRY(mfa_store_find(call, &secret.user.id, &factor));
	if (!factor.confirmed)
		return ERR_NOT_FOUND;
	/* Not that of passwords, which a right one has just forgiven. */
	TRY_ALLOC(bucket = throttle_session_bucket(call->arena, &principal->session_id));
	TRY_ALLOC(throttle.counts = arena_printf(call->arena, "{%s-code}", bucket));
	throttle.holds = throttle.counts;
	TRY(throttle_store_locked(call->pg, &call->deadline, throttle.holds, &throttle.locked_ms));
	if (throttle.locked_ms > 0)
		return session_refuse_locked(call, throttle.locked_ms);
	err = mfa_check_code(app, call, &factor, code, &use);
	if (err == ERR_OK)
		err = remove_factor(call, &use, &throttle);
	if (err == ERR_WRONG_CODE)
		return proof_refuse(call,
		    &(struct failed_proof){.user_id = &secret.user.id,
			.throttle = &throttle,
			.action = "code_refused",
			.factor = "code",
			.refusal = ERR_WRONG_CODE});
	TRY(err);
	log_info("second factor removed", LOG_TEXT("user_id", secret.user.id.text));
	return ERR_OK;
}
