/*
 * items/handlers_image: /item/{id}/image.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLERS_IMAGE_H
#define FCGI_ITEMS_HANDLERS_IMAGE_H

#include "shared/edge/route.h"

#define IMAGE_MAX_BYTES ((size_t)5 << 20)

/* PUT /item/{id}/image: 204.  ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_PRECONDITION, ERR_MEDIA_TYPE,
 * ERR_BODY_TOO_LARGE, ERR_VALIDATION. */
MUST_USE enum err handle_put_image(const struct app *app, struct request *rq, struct response *rs);
/* GET /item/{id}/image: 200, 206 for a range, or 304.  ERR_NOT_FOUND, ERR_RANGE,
 * ERR_TOKEN_MISSING. */
MUST_USE enum err handle_get_image(const struct app *app, struct request *rq, struct response *rs);

#endif
