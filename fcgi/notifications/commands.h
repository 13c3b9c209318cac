/*
 * notifications/commands: what notifications.fcgi does besides serving: --check.  Its database is
 * the notifier's, whose --migrate looks after it.
 */
#ifndef FCGI_NOTIFICATIONS_COMMANDS_H
#define FCGI_NOTIFICATIONS_COMMANDS_H

#include "shared/edge/program.h"

extern const struct command notifications_commands[];

#endif
