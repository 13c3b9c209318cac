/*
 * auth/password: what a password is, and the forms it takes on its way into bcrypt.
 *
 * Pure but for the kernel's randomness.  A password is compared in Unicode's normal form C.  bcrypt
 * reads 72 bytes at most and stops at a NUL, so it gets base64(HMAC-SHA-384(pepper, password)): 64
 * characters, whatever the length.
 */
#ifndef FCGI_AUTH_PASSWORD_H
#define FCGI_AUTH_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/fault.h"

#define PASSWORD_CHARS_MIN      8
#define PASSWORD_CHARS_MAX      128
#define PASSWORD_PREHASH_SIZE   65 /* 64 characters and NUL */
#define PASSWORD_SETTING_SIZE   30 /* "$2b$12$" and 22 of salt and NUL */
#define PASSWORD_HASH_SIZE      61 /* "$2b$12$", 22 of salt, 31 of hash and NUL */
#define PASSWORD_PEPPER_ID_SIZE 9

/* TEXT in NFC.  ERR_MALFORMED: no UTF-8; ERR_MEMORY. */
MUST_USE enum err password_normalise(struct arena *arena, const char *text, const char **out);
/*
 * May NORMAL, a normalised password, become somebody's?  *ALLOWED true, or false with the fault's
 * code and a sentence.  ERR_MEMORY.
 */
MUST_USE enum err password_judge(struct arena *arena, const char *normal, bool *allowed,
    enum field_code *code, const char **detail);
/* Does NORMAL only say whose it is: the address, what stands before its '@', the name?
 * ERR_MEMORY. */
MUST_USE enum err password_tells_owner(
    struct arena *arena, const char *normal, const char *email, const char *name, bool *out);
#define PASSWORD_TELLS_OWNER "It is what guessers try first: it says whose it is."
/* OUT is a secret: wipe it. */
void password_prehash(const char *pepper, const char *normal, char out[PASSWORD_PREHASH_SIZE]);
/* Tells peppers apart without telling them. */
void password_pepper_id(const char *pepper, char out[PASSWORD_PEPPER_ID_SIZE]);

/* A fresh salt: what crypt hashes a new password by. */
void password_setting(int64_t cost, char out[PASSWORD_SETTING_SIZE]);
/* A hash of no password, to spend the time of a real one on. */
void password_dummy(int64_t cost, char out[PASSWORD_HASH_SIZE]);
/*
 * The cost of STORED, or -1 when it is not exactly a $2b$ hash: crypt(3) takes anything else for
 * the setting of some other, weaker method.
 */
int64_t password_stored_cost(const char *stored);

#endif
