/*
 * auth/text_form: the forms in which texts of people are compared (Unicode's, by utf8proc).
 *
 * Pure.  What is worked on is wiped: it may be a password.  ERR_MALFORMED: no UTF-8; ERR_MEMORY.
 */
#ifndef FCGI_AUTH_TEXT_FORM_H
#define FCGI_AUTH_TEXT_FORM_H

#include "shared/base/arena.h"
#include "shared/base/err.h"

/* Normal form C: the same letters however they are composed. */
MUST_USE enum err text_form_normal(struct arena *arena, const char *text, const char **out);
/* And without case. */
MUST_USE enum err text_form_folded(struct arena *arena, const char *text, const char **out);

#endif
