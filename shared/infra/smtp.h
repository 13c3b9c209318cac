/*
 * infra/smtp: one email through libcurl (SMTP, MIME).
 *
 * Layer: infra.  One client belongs to one thread; its connection is reused between mails.
 * Addresses and header values with CR, LF or NUL are refused; non-ASCII header text is encoded
 * (RFC 2047); parts are text/plain and text/html in multipart/alternative, UTF-8.
 */
#ifndef SHARED_INFRA_SMTP_H
#define SHARED_INFRA_SMTP_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"

struct smtp;

/* URL: smtp:// or smtps://[user:password@]host[:port]; STARTTLS is used when offered, required by
 * `?tls=required`.  ERR_CONFIG. */
MUST_USE enum err smtp_new(const char *url, struct smtp **out);
void smtp_free(struct smtp **smtp);

struct mail {
	const char *from_address, *from_name;
	const char *to_address, *to_name; /* name may be NULL */
	const char *subject;
	const char *message_id; /* "<…@…>" */
	int64_t date_ms;
	const char *headers[8][2]; /* further ones: {name, value}, ended by {NULL, NULL} */
	const char *text, *html;
};

enum smtp_result {
	SMTP_SENT,
	SMTP_TRY_LATER, /* 4xx, no connection, time-out: nothing is known to be accepted */
	SMTP_REFUSED    /* 5xx or a bad address: never again */
};

/* Sends.  *detail: the server's last line or curl's word, a text in DETAIL (no secrets). */
MUST_USE enum err smtp_send(struct smtp *smtp, const struct deadline *deadline,
			    const struct mail *mail, enum smtp_result *result, char *detail,
			    size_t detail_size);

#endif
