#include "fcgi/auth/handlers_account.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/password_wire.h"
#include "fcgi/auth/user_wire.h"

enum err
handle_register(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct registration registration;
	struct user user;

	TRY(wire_read_registration(rq, &registration));
	TRY(account_register(app, &call, &registration, &user));
	/* Where its owner finds it: nobody else may see it. */
	TRY(response_location(rs, "/auth/me"));
	return wire_answer_user(rs, 201, &user);
}

enum err
handle_get_me(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct user user;

	(void)app;
	TRY(query_none(rq));
	TRY(account_of_principal(&call, rq->principal, &user));
	return wire_answer_user_tagged(rq, rs, &user);
}

static enum err
check_tag(void *context, const struct user *user)
{
	char etag[ETAG_SIZE];

	TRY(wire_user_etag(user, etag));
	return request_if_match(context, etag);
}

enum err
handle_update_me(const struct app *app, struct request *rq, struct response *rs)
{
	const struct account_guard guard = {.check = check_tag, .context = rq};
	const struct call call = call_of(rq);
	struct profile_patch patch;
	struct user user;

	(void)app;
	TRY(wire_read_profile_patch(rq, &patch));
	TRY(account_update(&call, rq->principal, &patch, &guard, &user));
	return wire_answer_user_tagged(rq, rs, &user);
}

enum err
handle_delete_me(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	const char *password;

	TRY(wire_read_password_proof(rq, &password));
	TRY(account_delete(app, &call, rq->principal, password));
	return response_empty(rs, 204);
}
