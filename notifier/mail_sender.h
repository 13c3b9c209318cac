/*
 * notifier/mail_sender: who the mails are from.
 *
 * Domain, pure.
 */
#ifndef NOTIFIER_MAIL_SENDER_H
#define NOTIFIER_MAIL_SENDER_H

#include "shared/base/err.h"

#define MAIL_SENDER_MAX 320

struct mail_sender {
	char name[MAIL_SENDER_MAX + 1]; /* or "" */
	char address[MAIL_SENDER_MAX + 1];
	const char *host; /* of the address */
};

/* TEXT: `Name <address>`, or an address.  ERR_CONFIG.  OUT must not be moved afterwards. */
MUST_USE enum err mail_sender_parse(const char *text, struct mail_sender *out);

#endif
