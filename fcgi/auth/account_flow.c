#include "fcgi/auth/account_flow.h"

#include "fcgi/auth/account_store.h"
#include "fcgi/auth/app.h"
#include "fcgi/auth/link_token.h"
#include "fcgi/auth/password_proof.h"
#include "fcgi/auth/passwords.h"
#include "fcgi/auth/session_store.h"
#include "fcgi/auth/throttle.h"
#include "fcgi/auth/user_event.h"
#include "fcgi/auth/user_store.h"
#include "shared/base/crash.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

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
	struct user who;
	struct user_event_detail detail = {.token_name = "verification_token"};

	/* A taken address is said before the work of hashing is done for it. */
	TRY(user_store_free_email(call->pg, &call->deadline, registration->email_key));
	TRY(passwords_hash(
	    app->passwords, &call->deadline, registration->password, call->fault, &draft.password));
	id_new(call->now_ms, &draft.id);
	id_new(call->now_ms, &draft.audit_id);
	TRY(link_token_new(call->arena, &detail.token, &draft.verification_hash));
	who = (struct user){
	    .id = draft.id, .email = draft.email, .name = draft.name, .locale = draft.locale};
	TRY(user_event_make(call, EVENT_USER_REGISTERED, &who, &detail, &draft.event));
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

/* Lays PATCH over USER.  *CHANGED: the members that differ now, as JSON; NULL: none does. */
static enum err
apply_patch(
    struct arena *arena, const struct profile_patch *patch, struct user *user, const char **changed)
{
	bool name = patch->name != NULL && !str_equal(patch->name, user->name);
	bool locale = patch->has_locale &&
	    !str_equal(patch->locale != NULL ? patch->locale : "",
		user->locale != NULL ? user->locale : "");

	*changed = NULL;
	if (!name && !locale)
		return ERR_OK;
	if (name)
		user->name = patch->name;
	if (locale)
		user->locale = patch->locale;
	*changed = arena_printf(arena, "{\"changed\":[%s%s%s]}", name ? "\"name\"" : "",
	    name && locale ? "," : "", locale ? "\"locale\"" : "");
	return *changed != NULL ? ERR_OK : ERR_MEMORY;
}

enum err
account_update(const struct call *call, const struct principal *principal,
    const struct profile_patch *patch, const struct account_guard *guard, struct user *out)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct account_change change;
	struct user user;

	TRY(pg_begin(tx, &call->deadline));
	TRY(account_store_hold(call, principal, &user));
	TRY(guard->check(guard->context, &user));
	TRY(apply_patch(call->arena, patch, &user, &change.changed));
	if (change.changed != NULL) {
		change.user = &user;
		id_new(call->now_ms, &change.audit_id);
		TRY(user_event_make(call, EVENT_USER_UPDATED, &user, NULL, &change.event));
		TRY(account_store_change(call, &change, &user.updated_at_ms));
		TRY(pg_commit(tx, &call->deadline));
	}
	*out = user;
	return ERR_OK;
}

enum err
account_delete(const struct app *app, const struct call *call, const struct principal *principal,
    const char *password)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct account_secret proven;
	struct account_end end = {.user_id = &proven.user.id};
	enum err err;

	TRY(password_proof(app, call, principal, password, &proven));
	TRY(throttle_owner_counts(call->arena, proven.email_key, call->network, &end.buckets));
	id_new(call->now_ms, &end.audit_id);
	TRY(user_event_make(call, EVENT_USER_DELETED, &proven.user, NULL, &end.event));
	TRY(pg_begin(tx, &call->deadline));
	err = account_store_lock(call, &proven.user.id, proven.password_version);
	if (err == ERR_CONFLICT)
		return ERR_WRONG_PASSWORD;
	TRY(err);
	TRY(account_store_delete(call, &end));
	TRY(pg_commit(tx, &call->deadline));
	log_info("account deleted", LOG_TEXT("user_id", proven.user.id.text));
	return ERR_OK;
}
