/*
 * auth/auth_wire: between JSON and structs that can't be wrong.
 *
 * Texts live in the request's arena.  Readers return ERR_MALFORMED or ERR_VALIDATION, with every
 * fault of the body in the request's fault.
 */
#ifndef FCGI_AUTH_AUTH_WIRE_H
#define FCGI_AUTH_AUTH_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "fcgi/auth/session_store.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/base/str.h"
#include "shared/edge/etag.h"
#include "shared/edge/json.h"
#include "shared/edge/jwt.h"
#include "shared/edge/query.h"
#include "shared/edge/request.h"
#include "shared/edge/response.h"

/* No body, or an object without members. */
MUST_USE enum err wire_read_nothing(struct request *rq);
/* A member that holds a token of ours; *OUT is written unless that has a fault. */
void wire_read_token(struct json_object *in, const char *name, const char **out);
/* {"refresh_token"} */
MUST_USE enum err wire_read_refresh(struct request *rq, const char **token);
/* {"token"}, of a link in a mail */
MUST_USE enum err wire_read_link(struct request *rq, const char **token);
/* {"token"} */
MUST_USE enum err wire_read_validate(struct request *rq, const char **token);

struct sign_out {
	bool all;
	const char *refresh_token; /* unless all */
};
MUST_USE enum err wire_read_sign_out(struct request *rq, struct sign_out *out);

/* ?since= */
MUST_USE enum err wire_read_since(struct request *rq, int64_t *since_ms);

MUST_USE enum err wire_answer_tokens(struct response *rs, const struct tokens *tokens);

/* RFC 7662: CLAIMS NULL is {"active":false}. */
MUST_USE enum err wire_answer_claims(struct response *rs, const struct jwt_claims *claims);
MUST_USE enum err wire_answer_ended(
    const struct request *rq, struct response *rs, const struct ended_sessions *ended);

#endif
