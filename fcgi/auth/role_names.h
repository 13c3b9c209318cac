/*
 * auth/role_names: sets of roles as texts.  Pure.
 */
#ifndef FCGI_AUTH_ROLE_NAMES_H
#define FCGI_AUTH_ROLE_NAMES_H

#include "shared/base/arena.h"

/* "admin,customer" to enum role, or-ed.  Unknown names count for nothing. */
unsigned role_names_parse(const char *text);
/* And back.  NULL at the arena's cap. */
const char *role_names_text(struct arena *arena, unsigned roles);

#endif
