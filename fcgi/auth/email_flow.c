#include "fcgi/auth/email_flow.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/link_token.h"

enum err
email_verify(const struct call *call, const char *token)
{
	struct id audit_id;
	const char *kept;

	TRY(link_token_kept(call->arena, token, &kept));
	id_new(call->now_ms, &audit_id);
	return link_store_verify(call, kept, &audit_id);
}

/* A link of LINK's purpose for USER, by an event of TYPE that has the token as TOKEN_NAME. */
static enum err
send_link(const struct call *call, const struct user *user, const char *type,
    const char *token_name, struct new_link *link)
{
	struct user_event_detail detail = {.token_name = token_name};

	link->user_id = &user->id;
	id_new(call->now_ms, &link->audit_id);
	TRY(link_token_new(call->arena, &detail.token, &link->kept));
	TRY(user_event_make(call, type, user, &detail, &link->event));
	return link_store_add(call, link);
}

enum err
email_resend(const struct call *call, const struct principal *principal)
{
	struct new_link link = {.purpose = LINK_VERIFY,
	    .ttl_s = LINK_VERIFY_TTL_S,
	    .actor_id = &principal->user_id,
	    .action = "verification_requested"};
	struct user user;

	TRY(account_of_principal(call, principal, &user));
	if (user.email_verified)
		return ERR_OK;
	return send_link(call, &user, EVENT_VERIFICATION_REQUEST, "verification_token", &link);
}

enum err
email_answer_request(const struct call *call, const struct reset_request *request)
{
	struct new_link link = {
	    .purpose = LINK_RESET, .ttl_s = LINK_RESET_TTL_S, .action = "reset_requested"};

	if (request->known)
		TRY(send_link(call, &request->user, EVENT_RESET_REQUEST, "reset_token", &link));
	return link_store_forget_request(call, &request->id);
}
