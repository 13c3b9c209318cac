#include "fcgi/auth/handlers_mfa.h"

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/mfa_flow.h"
#include "fcgi/auth/mfa_wire.h"

enum err
handle_begin_totp(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct totp_offer offer;

	TRY(wire_read_nothing(rq));
	TRY(mfa_begin(app, &call, rq->principal, &offer));
	return wire_answer_totp(rs, offer.secret, offer.uri);
}

enum err
handle_confirm_totp(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct recovery_codes codes;
	const char *code;

	TRY(wire_read_code(rq, &code));
	TRY(mfa_confirm(app, &call, rq->principal, code, &codes));
	return wire_answer_recovery_codes(rs, &codes);
}

enum err
handle_remove_totp(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	const char *password;
	const char *code;

	TRY(wire_read_mfa_removal(rq, &password, &code));
	TRY(mfa_remove(app, &call, rq->principal, password, code));
	return response_empty(rs, 204);
}
