#include "fcgi/auth/password_proof.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/passwords.h"
#include "shared/base/log.h"

enum err
password_proof(const struct app *app, const struct call *call, const struct principal *principal,
    const char *password, struct account_secret *out)
{
	struct password_verdict verdict;
	struct account_secret secret;
	struct id audit_id;

	TRY(account_store_secret(call, principal, &secret));
	TRY(passwords_verify(app->passwords, &call->deadline, password, secret.password_hash,
	    secret.pepper_id, call->fault, &verdict));
	if (verdict.matches) {
		*out = secret;
		return ERR_OK;
	}
	id_new(call->now_ms, &audit_id);
	TRY(account_store_refused(call, &secret.user.id, &audit_id));
	log_info(
	    "a signed-in user gave a wrong password", LOG_TEXT("user_id", secret.user.id.text));
	return ERR_WRONG_PASSWORD;
}
