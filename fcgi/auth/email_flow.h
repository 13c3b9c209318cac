/*
 * auth/email_flow: whose is the address?  A worker's own thread.
 */
#ifndef FCGI_AUTH_EMAIL_FLOW_H
#define FCGI_AUTH_EMAIL_FLOW_H

#include "fcgi/auth/call.h"
#include "fcgi/auth/link_store.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

/* Takes the link of a mail.  ERR_TOKEN_SPENT. */
MUST_USE enum err email_verify(const struct call *call, const char *token);
/* Has another such mail sent, unless the address is verified.  ERR_TOKEN_INVALID. */
MUST_USE enum err email_resend(const struct call *call, const struct principal *principal);
/* Has a mail sent for a request to reset a password, if there is an account, and forgets it. */
MUST_USE enum err email_answer_request(
    const struct call *call, const struct reset_request *request);

#endif
