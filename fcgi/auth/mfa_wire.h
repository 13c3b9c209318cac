/*
 * auth/mfa_wire: second factors between JSON and structs that can't be wrong.
 *
 * As auth_wire.h says of texts and errors.
 */
#ifndef FCGI_AUTH_MFA_WIRE_H
#define FCGI_AUTH_MFA_WIRE_H

#include "fcgi/auth/mfa_store.h"
#include "fcgi/auth/recovery_code.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/request.h"
#include "shared/edge/response.h"

/* {"code"}: any text may be a wrong one; blanks around and within are left out. */
MUST_USE enum err wire_read_code(struct request *rq, const char **code);
/* {"password", "code"} */
MUST_USE enum err wire_read_mfa_removal(
    struct request *rq, const char **password, const char **code);
/* {"mfa_token", "code"} */
MUST_USE enum err wire_read_mfa_answer(struct request *rq, struct mfa_answer *out);

/* 201 {"secret", "uri"} */
MUST_USE enum err wire_answer_totp(struct response *rs, const char *secret, const char *uri);
/* 200 {"recovery_codes": […]} */
MUST_USE enum err wire_answer_recovery_codes(
    struct response *rs, const struct recovery_codes *codes);

#endif
