/*
 * auth/email_address: is it one, and which ones are the same?
 *
 * Pure.  Pragmatic rather than RFC 5322 whole: one '@', a local part without quoting, a domain of
 * at least two labels; any letter of any script, no spaces, no controls, nothing that has a meaning
 * in a mail's header.  What it lets through a mail server may still refuse.
 */
#ifndef FCGI_AUTH_EMAIL_ADDRESS_H
#define FCGI_AUTH_EMAIL_ADDRESS_H

#include <stdbool.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"

#define EMAIL_BYTES_MAX 254 /* RFC 5321 §4.5.3.1.3, errata 1690 */

bool email_address_valid(const char *text);
/* The form by which addresses are compared: case-folded, in NFC.  Of any valid UTF-8. */
MUST_USE enum err email_address_key(struct arena *arena, const char *text, const char **key);

#endif
