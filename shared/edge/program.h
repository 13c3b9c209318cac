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

#define PROGRAM_VERSION "1.0.0"

/* First member of each program's settings. */
struct program_settings {
	int log_level;              /* LOG_LEVEL: debug, info, warn, error */
	int64_t shutdown_timeout_s; /* SHUTDOWN_TIMEOUT */
	const char *public_url;     /* PUBLIC_URL */
	const char *otlp_endpoint;  /* OTEL_EXPORTER_OTLP_ENDPOINT, or "" */
	int64_t trace_delay_ms;     /* OTEL_BSP_SCHEDULE_DELAY */
};

extern const struct config_row program_settings_rows[];

struct command {
	const char *flag; /* "--migrate" */
	/* "EMAIL", or NULL when it takes none; with "..." at its end it stands for any number of
	 * words, which reach `run` as one, with spaces between them. */
	const char *argument;
	const char *text;
	/* Loaded settings, and the argument or NULL.  Returns the exit status. */
	int (*run)(void *settings, const char *argument);
};

/*
 * Parses argv, loads the settings from TABLES into SETTINGS, sets up the log, and
 * runs either the command (COMMANDS ends by a NULL flag) or SERVE.  The first member of SETTINGS is
 * struct program_settings.  ROUTES may be NULL: then there is no --routes.
 * A program's own --check tests its connections too; without one, only the settings are tested.
 * Logs go to standard output, but to standard error where that is taken: for commands, and where
 * lighttpd started the program.  Returns the exit status of the process: 64 after unknown words,
 * CONFIG_EXIT after bad settings.
 */
int program_main(int argc, char **argv, const char *name, const struct config_table *tables,
    void *settings, const struct command *commands, const struct route *routes,
    int (*serve)(void *settings));

/* Returns when SIGTERM or SIGINT came.  program_main has blocked both, before any thread started,
 * so that each inherits the mask and the main thread alone takes them, here. */
void program_await_signal(void);

/* What a command, or the program, ends with: 0, CONFIG_EXIT, 69 (EX_UNAVAILABLE), 1. */
int program_exit_status(enum err err);

struct program_check {
	const char *what; /* "PostgreSQL"; NULL ends the list */
	enum err (*run)(const void *settings);
};

/* Tries all, so that all faults are seen at once; says on standard output how each went.  Returns
 * the exit status of the worst. */
int program_run_checks(const struct program_check *checks, const void *settings);

#endif
