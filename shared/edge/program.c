#include "shared/edge/program.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/base/log.h"
#include "shared/edge/fcgi_socket.h"

struct program {
	const char *name;
	const struct config_row *const *tables;
	void *settings;
	const struct command *commands;
	const struct route *routes;
};

static const struct command no_commands[] = {{.flag = NULL}};

static const struct command *
find_command(const struct program *program, const char *word)
{
	for (const struct command *at = program->commands; at->flag != NULL; at++)
		if (str_equal(at->flag, word))
			return at;
	return NULL;
}

static void
print_command(FILE *out, const char *flag, const char *argument, const char *text)
{
	char words[64];

	(void)snprintf(words, sizeof(words), "%s%s%s", flag, argument != NULL ? " " : "",
	    argument != NULL ? argument : "");
	(void)fprintf(out, "  %-20s %s\n", words, text);
}

static void
print_usage(const struct program *program, FILE *out)
{
	(void)fprintf(
	    out, "usage: %s [COMMAND]\n\nWithout a command it serves.  Commands:\n", program->name);
	for (const struct command *at = program->commands; at->flag != NULL; at++)
		print_command(out, at->flag, at->argument, at->text);
	if (find_command(program, "--check") == NULL)
		print_command(out, "--check", NULL, "test the settings and exit");
	if (program->routes != NULL)
		print_command(out, "--routes", NULL, "print the routes, one a line");
	print_command(out, "--config-markdown", NULL, "print the settings as a Markdown table");
	print_command(out, "--version", NULL, "print the version");
	print_command(out, "--help", NULL, "print this");
}

/* The words that need no settings.  False when WORD is none of them. */
static bool
run_plain(const struct program *program, const char *word)
{
	if (str_equal(word, "--help")) {
		print_usage(program, stdout);
		(void)putchar('\n');
		config_print_help(program->tables, stdout);
	} else if (str_equal(word, "--version")) {
		(void)printf("%s %s\n", program->name, PROGRAM_VERSION);
	} else if (str_equal(word, "--config-markdown")) {
		config_print_markdown(program->tables, stdout);
	} else if (str_equal(word, "--routes") && program->routes != NULL) {
		route_print(program->routes, stdout);
	} else {
		return false;
	}
	return true;
}

static int
load(const struct program *program, int log_fd)
{
	int log_level;

	if (config_load(program->tables, program->settings, stderr) != ERR_OK)
		return CONFIG_EXIT;
	memcpy(&log_level, program->settings, sizeof(log_level));
	log_init(program->name, (enum log_level)log_level, log_fd);
	return EXIT_SUCCESS;
}

static int
run_command(const struct program *program, int argc, char **argv)
{
	const struct command *command = find_command(program, argv[1]);
	int words = command != NULL && command->argument != NULL ? 3 : 2;
	int status;

	if (argc == 2 && command == NULL && run_plain(program, argv[1]))
		return EXIT_SUCCESS;
	if (argc != words || (command == NULL && !str_equal(argv[1], "--check"))) {
		print_usage(program, stderr);
		return EX_USAGE;
	}
	status = load(program, STDERR_FILENO);
	if (status != EXIT_SUCCESS)
		return status;
	if (command != NULL)
		return command->run(program->settings, argv[2]);
	(void)puts("The settings are good.");
	return EXIT_SUCCESS;
}

int
program_main(int argc, char **argv, const char *name, const struct config_row *const *tables,
    void *settings, const struct command *commands, const struct route *routes,
    int (*serve)(void *settings))
{
	const struct program program = {
	    .name = name,
	    .tables = tables,
	    .settings = settings,
	    .commands = commands != NULL ? commands : no_commands,
	    .routes = routes,
	};
	int status;

	/* Each arena that malloc opens for a thread keeps its own free memory. */
	(void)mallopt(M_ARENA_MAX, 2);
	if (argc > 1)
		return run_command(&program, argc, argv);
	/* lighttpd gives its children /dev/null as standard output. */
	status = load(&program, fcgi_socket_is_inherited() ? STDERR_FILENO : STDOUT_FILENO);
	return status == EXIT_SUCCESS ? serve(settings) : status;
}
