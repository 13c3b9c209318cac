/*
 * infra/mail_header: header lines of a mail: RFC 5322 with RFC 2047's encoded words.
 *
 * Layer: infra.  libcurl writes header lines as they are given: here they are made.  Texts that are
 * not plain ASCII become UTF-8 words in base64 of at most 75 characters, folded so that no line is
 * longer than 76, and cut between characters.  A text that would end its line (CR, LF) or holds
 * another control character is refused.  Pure functions, safe on any thread.
 */
#ifndef SHARED_INFRA_MAIL_HEADER_H
#define SHARED_INFRA_MAIL_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/err.h"

/*
 * Each appends "Name: value" without the final line break; inner ones are CRLF and a space.
 * ERR_MALFORMED: bad characters; OUT then holds a part.  The buffer's own error sticks in OUT.
 */

/* Free text, such as a subject; valid UTF-8. */
MUST_USE enum err mail_header_text(struct buf *out, const char *name, const char *value);
/* One mailbox: `Display name <address>`; DISPLAY may be NULL or "". */
MUST_USE enum err mail_header_mailbox(
    struct buf *out, const char *name, const char *display, const char *address);
/* A machine's value, written as it is: printable ASCII that fits a line of 998 characters. */
MUST_USE enum err mail_header_token(struct buf *out, const char *name, const char *value);
/* "Sun, 06 Nov 1994 08:49:37 +0000". */
void mail_header_date(struct buf *out, const char *name, int64_t unix_ms);

/* Can ADDRESS stand between angle brackets: local part, '@', domain, nothing that ends either? */
bool mail_address_valid(const char *address);

#endif
