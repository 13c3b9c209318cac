/*
 * infra/smtp: one email through libcurl (SMTP, MIME).
 *
 * Layer: infra.  One client belongs to one thread; its connection is reused between mails.
 * Addresses and header values with CR, LF or other control characters are refused; non-ASCII header
 * text is encoded (RFC 2047); parts are text/plain and text/html in multipart/alternative, UTF-8.
 * A domain outside ASCII is sent in its ASCII form, for which the process needs a locale of UTF-8
 * (LC_CTYPE); a local part outside ASCII needs a server that offers SMTPUTF8, and is refused else.
 */
#ifndef SHARED_INFRA_SMTP_H
#define SHARED_INFRA_SMTP_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct smtp;

/*
 * URL: smtp:// or smtps://[user:password@]host[:port][/name for EHLO]; STARTTLS is used when
 * offered, required by `?tls=required` or a password, but for `?tls=optional`.  The server's
 * certificate is verified wherever TLS is required or a password is sent; else encryption is a
 * gain, and whoever could forge the certificate could as well take the offer of STARTTLS away.
 * `?cacertfile=PATH` (PEM) trusts other authorities than the system's.  Opens no connection.
 * ERR_CONFIG.
 */
MUST_USE enum err smtp_new(const char *url, struct smtp **out);
void smtp_free(struct smtp **smtp);

#define MAIL_HEADERS_MAX 8

struct mail {
	const char *from_address, *from_name;
	const char *to_address, *to_name; /* names may be NULL */
	const char *subject;
	const char *message_id; /* "<…@…>" */
	int64_t date_ms;
	/* Further ones: {name, value}, ended by {NULL, NULL} unless all are used. */
	const char *headers[MAIL_HEADERS_MAX][2];
	const char *text, *html;
};

enum smtp_result {
	SMTP_SENT,
	/* 4xx, no connection, time-out, or the server refuses us rather than the mail (TLS, login):
	 * nothing is known to be accepted */
	SMTP_TRY_LATER,
	SMTP_REFUSED /* 5xx to this mail, or a bad address or header: never again */
};

/* Sends, by DEADLINE.  *detail: the server's last line or curl's word, a text in DETAIL (no
 * secrets, ASCII).  ERR_MEMORY: nothing was sent. */
MUST_USE enum err smtp_send(struct smtp *smtp, const struct deadline *deadline,
    const struct mail *mail, enum smtp_result *result, char *detail, size_t detail_size);

#define auto_smtp AUTO_OF(smtp_free)

#endif
