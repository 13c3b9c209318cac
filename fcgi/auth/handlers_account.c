#include "fcgi/auth/handlers_account.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/auth_wire.h"

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
	TRY(wire_no_query(rq));
	TRY(account_of_principal(&call, rq->principal, &user));
	return wire_answer_user_tagged(rq, rs, &user);
}
