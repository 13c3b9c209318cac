/*
 * auth/user_wire: accounts between JSON and structs that can't be wrong.
 *
 * As auth_wire.h says of texts and errors.
 */
#ifndef FCGI_AUTH_USER_WIRE_H
#define FCGI_AUTH_USER_WIRE_H

#include "fcgi/auth/auth_wire.h"
#include "fcgi/auth/user.h"
#include "shared/base/err.h"
#include "shared/edge/json.h"
#include "shared/edge/request.h"
#include "shared/edge/response.h"

MUST_USE enum err wire_read_registration(struct request *rq, struct registration *out);
/* A merge patch of the caller's own account. */
MUST_USE enum err wire_read_profile_patch(struct request *rq, struct profile_patch *out);

/* "roles": […] */
void wire_put_roles(struct json_writer *w, unsigned roles);
/* What an account takes up in an answer, at most. */
#define USER_BYTES_MAX ((size_t)16 * 1024)

/* The account as the API shows it, and what of it is within its object. */
void wire_put_user(struct json_writer *w, const char *key, const struct user *user);
void wire_put_user_members(struct json_writer *w, const struct user *user);

/* The tag of the account's representation. */
MUST_USE enum err wire_user_etag(const struct user *user, char etag[ETAG_SIZE]);

/* STATUS with the account. */
MUST_USE enum err wire_answer_user(struct response *rs, int status, const struct user *user);
/* 200 with the account and the ETag of its representation, or 304. */
MUST_USE enum err wire_answer_user_tagged(
    const struct request *rq, struct response *rs, const struct user *user);

#endif
