/*
 * auth/commands: what auth.fcgi does besides serving: --migrate, --check, --admin EMAIL.
 */
#ifndef FCGI_AUTH_COMMANDS_H
#define FCGI_AUTH_COMMANDS_H

#include "shared/edge/program.h"

extern const struct command auth_commands[];

#endif
