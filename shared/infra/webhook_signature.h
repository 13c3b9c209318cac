/*
 * infra/webhook_signature: Standard Webhooks' symmetric signature (scheme v1).
 *
 * Layer: infra; pure, over OpenSSL's HMAC.  https://www.standardwebhooks.com
 */
#ifndef SHARED_INFRA_WEBHOOK_SIGNATURE_H
#define SHARED_INFRA_WEBHOOK_SIGNATURE_H

#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

#define WEBHOOK_SECRET_PREFIX    "whsec_"
#define WEBHOOK_SECRET_BYTES_MIN 24
#define WEBHOOK_SECRET_BYTES_MAX 64

/*
 * Appends "v1,<base64 of the HMAC-SHA256 of `ID.TIMESTAMP.BODY`>" to OUT, after a space when OUT
 * holds another: while a secret rotates, a message is signed by both.  SECRET: base64, with its
 * prefix or without.  ERR_CORRUPT: it is none; ERR_MEMORY.
 */
MUST_USE enum err webhook_sign(
    const char *secret, const char *id, int64_t timestamp_s, struct span body, struct buf *out);

#endif
