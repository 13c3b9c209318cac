/*
 * auth/common_passwords: the passwords that guessers try first.
 *
 * Pure.  About 150 KiB of constant data, shared by all that run the program, of which a look-up
 * touches a few pages.
 */
#ifndef FCGI_AUTH_COMMON_PASSWORDS_H
#define FCGI_AUTH_COMMON_PASSWORDS_H

#include <stdbool.h>
#include <stddef.h>

/* All of one length in bytes, one after another, sorted. */
struct common_passwords {
	size_t len, count;
	const char *texts;
};
/* Generated from common_passwords.txt; ended by a length of 0. */
extern const struct common_passwords common_password_list[];

/* Is it one of these, in its folded form (text_form.h)? */
bool common_password(const char *folded);

#endif
