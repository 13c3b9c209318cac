#include "fcgi/auth/password_proof.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/session_flow.h"
#include "fcgi/auth/throttle_store.h"
#include "shared/base/log.h"

enum err
proof_refuse(const struct call *call, const struct failed_proof *failed)
{
	struct login_failure failure = {.throttle = failed->throttle,
	    .user_id = failed->user_id,
	    .actor_id = failed->user_id,
	    .action = failed->action,
	    .factor = failed->factor,
	    .client = call->client};
	int64_t locked_ms;
	enum err err;

	id_new(call->now_ms, &failure.audit_id);
	err = throttle_store_fail(call->pg, &call->deadline, &failure, &locked_ms);
	if (err == ERR_ACCOUNT_LOCKED)
		return session_refuse_locked(call, locked_ms);
	TRY(err);
	log_info("a signed-in user gave a wrong proof", LOG_TEXT("factor", failed->factor),
	    LOG_TEXT("user_id", failed->user_id->text));
	return failed->refusal;
}

enum err
password_proof(const struct app *app, const struct call *call, const struct principal *principal,
    const char *password, struct account_secret *out)
{
	struct account_failures failures;
	struct password_verdict verdict;
	struct account_secret secret;
	struct throttle throttle;
	const char *bucket;

	TRY_ALLOC(bucket = throttle_session_bucket(call->arena, &principal->session_id));
	TRY_ALLOC(throttle.counts = arena_printf(call->arena, "{%s}", bucket));
	throttle.holds = throttle.counts;
	TRY(account_store_secret(call, principal, bucket, &secret, &failures));
	if (failures.locked_ms > 0)
		return session_refuse_locked(call, failures.locked_ms);
	TRY(passwords_verify(app->passwords, &call->deadline, password, secret.password_hash,
	    secret.pepper_id, call->fault, &verdict));
	if (!verdict.matches)
		return proof_refuse(call,
		    &(struct failed_proof){.user_id = &secret.user.id,
			.throttle = &throttle,
			.action = "password_refused",
			.factor = "password",
			.refusal = ERR_WRONG_PASSWORD});
	if (failures.count > 0)
		TRY(throttle_store_forgive(call->pg, &call->deadline, throttle.counts));
	*out = secret;
	return ERR_OK;
}
