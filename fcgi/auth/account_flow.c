#include "fcgi/auth/account_flow.h"

#include <openssl/sha.h>

#include "fcgi/auth/app.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/session_store.h"
#include "fcgi/auth/user_event.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

#define LINK_TOKEN_BYTES 32

/* A token for a link in a mail, and what is kept of it. */
static enum err
make_link_token(struct arena *arena, const char **token, const char **kept)
{
	unsigned char secret[LINK_TOKEN_BYTES];
	unsigned char digest[SHA256_DIGEST_LENGTH];

	random_bytes(secret, sizeof(secret));
	(void)SHA256(secret, sizeof(secret), digest);
	*token = base64url_encode(arena, secret, sizeof(secret));
	*kept = base64url_encode(arena, digest, sizeof(digest));
	bytes_wipe(secret, sizeof(secret));
	return *token != NULL && *kept != NULL ? ERR_OK : ERR_MEMORY;
}

static enum err
add_user(const struct app *app, const struct call *call, const struct registration *registration,
    struct user *out)
{
	struct new_user draft = {
	    .email = registration->email,
	    .email_key = registration->email_key,
	    .name = registration->name,
	    .locale = registration->locale,
	    .client = call->client,
	};
	const char *token;

	/* A taken address is said before the work of hashing is done for it. */
	TRY(user_store_free_email(call->pg, &call->deadline, registration->email_key));
	TRY(passwords_hash(
	    app->passwords, &call->deadline, registration->password, call->fault, &draft.password));
	id_new(call->now_ms, &draft.id);
	id_new(call->now_ms, &draft.audit_id);
	TRY(make_link_token(call->arena, &token, &draft.verification_hash));
	TRY(user_event_registered(call->arena, call->traceparent, call->now_ms, token, &draft));
	CRASH_AT("register.add");
	TRY(user_store_add(call->pg, &call->deadline, call->arena, &draft, out));
	CRASH_AT("register.added");
	return ERR_OK;
}

enum err
account_register(const struct app *app, const struct call *call,
    const struct registration *registration, struct user *out)
{
	enum err err = add_user(app, call, registration, out);

	if (err != ERR_OK) {
		log_info("registration refused", LOG_TEXT("reason", err_code(err)));
		return err;
	}
	log_info("account registered", LOG_TEXT("user_id", out->id.text));
	return ERR_OK;
}

enum err
account_of_principal(const struct call *call, const struct principal *principal, struct user *out)
{
	return session_store_user(call->pg, &call->deadline, call->arena, &principal->session_id,
	    &principal->user_id, out);
}
