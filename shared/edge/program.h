/*
 * edge/program: the command line that all programs of the shop share.
 *
 * Layer: edge.  --help, --version, --check, --routes, --config-markdown, and the program's own
 * commands (--migrate, --admin EMAIL).
 */
#ifndef SHARED_EDGE_PROGRAM_H
#define SHARED_EDGE_PROGRAM_H

#include "shared/base/config.h"
#include "shared/edge/route.h"

#define PROGRAM_VERSION "0.1.0"

struct command {
	const char *flag;     /* "--migrate" */
	const char *argument; /* "EMAIL", or NULL when it takes none */
	const char *text;
	/* Loaded settings, and the argument or NULL.  Returns the exit status. */
	int (*run)(void *settings, const char *argument);
};

/*
 * Parses argv, loads the settings from TABLES (NULL-terminated) into SETTINGS, sets up the log, and
 * runs either the command (COMMANDS ends by a NULL flag) or SERVE.  The first member of SETTINGS is
 * `int log_level`, as in struct service_settings.  ROUTES may be NULL: then there is no --routes.
 * A program's own --check tests its connections too; without one, only the settings are tested.
 * Logs go to standard output, but to standard error where that is taken: for commands, and where
 * lighttpd started the program.  Returns the exit status of the process: 64 after unknown words,
 * CONFIG_EXIT after bad settings.
 */
int program_main(int argc, char **argv, const char *name, const struct config_row *const *tables,
    void *settings, const struct command *commands, const struct route *routes,
    int (*serve)(void *settings));

#endif
