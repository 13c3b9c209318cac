/*
 * auth/link_token: single-use tokens for links in mails: 256 random bits, of which the database
 * keeps a hash.
 *
 * Pure but for the kernel's randomness.
 */
#ifndef FCGI_AUTH_LINK_TOKEN_H
#define FCGI_AUTH_LINK_TOKEN_H

#include "shared/base/arena.h"
#include "shared/base/err.h"

/* A fresh token, and what is kept of it.  ERR_MEMORY. */
MUST_USE enum err link_token_new(struct arena *arena, const char **token, const char **kept);
/* What is kept of TOKEN.  ERR_TOKEN_SPENT: it can't be one of ours; ERR_MEMORY. */
MUST_USE enum err link_token_kept(struct arena *arena, const char *token, const char **kept);

#endif
