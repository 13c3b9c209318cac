/*
 * auth/password_wire: requests that hold passwords, into structs that can't be wrong.
 *
 * As auth_wire.h says of texts and errors.
 */
#ifndef FCGI_AUTH_PASSWORD_WIRE_H
#define FCGI_AUTH_PASSWORD_WIRE_H

#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/json.h"
#include "shared/edge/request.h"

/*
 * Two kinds of member, both normalised; *OUT is NULL with its fault.  ERR_MALFORMED, ERR_MEMORY.
 * What may be somebody's password, whoever's it is:
 */
MUST_USE enum err wire_read_known_password(
    struct json_object *in, const char *name, const char **out);
/* And what may become one. */
MUST_USE enum err wire_read_new_password(
    struct json_object *in, const char *name, const char **out);

MUST_USE enum err wire_read_credentials(struct request *rq, struct credentials *out);
/* {"password"}: the caller's own, once more. */
MUST_USE enum err wire_read_password_proof(struct request *rq, const char **password);
/* {"current_password", "new_password"} */
MUST_USE enum err wire_read_password_change(struct request *rq, struct password_change *out);
/* {"email"}, as it is compared: anything is taken for one. */
MUST_USE enum err wire_read_forgot(struct request *rq, const char **email_key);
/* {"token", "new_password"} */
MUST_USE enum err wire_read_reset(struct request *rq, struct password_reset *out);

#endif
