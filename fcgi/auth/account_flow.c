#include "fcgi/auth/account_flow.h"

#include <openssl/sha.h>

#include "fcgi/auth/app.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/user_event.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"

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
add_user(const struct app *app, struct request *rq, const struct registration *registration,
    struct user *out)
{
	struct new_user draft = {
	    .email = registration->email,
	    .email_key = registration->email_key,
	    .name = registration->name,
	    .locale = registration->locale,
	    .client = {rq->address, rq->user_agent},
	};
	const char *token;

	/* A taken address is said before the work of hashing is done for it. */
	TRY(user_store_free_email(rq->worker->pg, &rq->deadline, registration->email_key));
	TRY(passwords_hash(
	    app->passwords, &rq->deadline, registration->password, &rq->fault, &draft.password));
	id_new(rq->now_ms, &draft.id);
	id_new(rq->now_ms, &draft.audit_id);
	TRY(make_link_token(rq->arena, &token, &draft.verification_hash));
	TRY(user_event_registered(rq->arena, rq->trace.traceparent, rq->now_ms, token, &draft));
	CRASH_AT("register.add");
	TRY(user_store_add(rq->worker->pg, &rq->deadline, rq->arena, &draft, out));
	CRASH_AT("register.added");
	return ERR_OK;
}

enum err
account_register(const struct app *app, struct request *rq, const struct registration *registration,
    struct user *out)
{
	enum err err = add_user(app, rq, registration, out);

	if (err != ERR_OK) {
		log_info("registration refused", LOG_TEXT("reason", err_code(err)));
		return err;
	}
	log_info("account registered", LOG_TEXT("user_id", out->id.text));
	return ERR_OK;
}

enum err
account_of_principal(struct request *rq, struct user *out)
{
	return session_store_user(rq->worker->pg, &rq->deadline, rq->arena,
	    &rq->principal->session_id, &rq->principal->user_id, out);
}
