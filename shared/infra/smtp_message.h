/*
 * infra/smtp_message: a struct mail as libcurl wants it: header lines and MIME parts.
 *
 * Layer: infra, for smtp.c alone.
 */
#ifndef SHARED_INFRA_SMTP_MESSAGE_H
#define SHARED_INFRA_SMTP_MESSAGE_H

#include <stdbool.h>

#include <curl/curl.h>

#include "shared/base/err.h"
#include "shared/infra/smtp.h"

struct smtp_message {
	struct curl_slist *headers;
	struct curl_slist *recipients;
	curl_mime *mime;
	bool needs_utf8; /* the recipient's address holds letters outside ASCII */
};

/* Builds it for EASY.  ERR_MALFORMED: an address or header that must not be sent.  ERR_MEMORY.
 * *OUT is to be ended by smtp_message_fini in any case. */
MUST_USE enum err smtp_message_init(struct smtp_message *out, CURL *easy, const struct mail *mail);
void smtp_message_fini(struct smtp_message *message);

#endif
