#include "fcgi/auth/handlers_password.h"

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/email_flow.h"
#include "fcgi/auth/password_flow.h"
#include "fcgi/auth/password_wire.h"

enum err
handle_change_password(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct password_change change;

	TRY(wire_read_password_change(rq, &change));
	TRY(password_change(app, &call, rq->principal, &change));
	return response_empty(rs, 204);
}

enum err
handle_forgot_password(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	const char *email_key;

	(void)app;
	TRY(wire_read_forgot(rq, &email_key));
	TRY(password_forgot(&call, email_key));
	return response_empty(rs, 202);
}

enum err
handle_reset_password(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct password_reset reset;

	TRY(wire_read_reset(rq, &reset));
	TRY(password_reset(app, &call, &reset));
	return response_empty(rs, 204);
}

enum err
handle_verify_email(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	const char *token;

	(void)app;
	TRY(wire_read_link(rq, &token));
	TRY(email_verify(&call, token));
	return response_empty(rs, 204);
}

enum err
handle_resend_verification(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);

	(void)app;
	TRY(wire_read_nothing(rq));
	TRY(email_resend(&call, rq->principal));
	return response_empty(rs, 202);
}
