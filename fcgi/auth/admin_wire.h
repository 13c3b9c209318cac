/*
 * auth/admin_wire: accounts as administrators see and change them, and the audit, in JSON.
 *
 * As auth_wire.h says of texts and errors.
 */
#ifndef FCGI_AUTH_ADMIN_WIRE_H
#define FCGI_AUTH_ADMIN_WIRE_H

#include "fcgi/auth/audit_store.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/etag.h"
#include "shared/edge/json.h"
#include "shared/edge/query.h"
#include "shared/edge/request.h"
#include "shared/edge/response.h"

/* ?q=; NULL without it. */
void wire_read_search(struct query *query, const char **q);
/* {"roles", "disabled"}: a merge patch; neither can be removed. */
MUST_USE enum err wire_read_user_patch(struct request *rq, struct user_patch *out);

/* The account, and whether it is disabled: as a member of a list, and as the whole of a 200. */
void wire_put_user_for_admin(struct json_writer *w, const struct user *user);
MUST_USE enum err wire_answer_user_for_admin(
    const struct request *rq, struct response *rs, const struct user *user);
/* The ETag of that 200. */
MUST_USE enum err wire_user_for_admin_etag(const struct user *user, char etag[ETAG_SIZE]);

void wire_put_audit_event(struct json_writer *w, const struct audit_event *event);

#endif
