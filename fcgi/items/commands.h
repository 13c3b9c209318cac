/*
 * items/commands: what items.fcgi does besides serving: --migrate, --check.
 */
#ifndef FCGI_ITEMS_COMMANDS_H
#define FCGI_ITEMS_COMMANDS_H

#include "shared/edge/program.h"

extern const struct command items_commands[];

#endif
