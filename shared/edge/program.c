#include "shared/edge/program.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "shared/base/buf.h"
#include "shared/base/check.h"
#include "shared/base/log.h"
#include "shared/edge/fcgi_socket.h"
#include "shared/edge/trace_exporter.h"

#define WORDS_MAX_BYTES ((size_t)1024 * 1024)

struct program {
	const char *name;
	const struct config_table *tables;
	void *settings;
	const struct command *commands;
	const struct route *routes;
};

#define AT(member) offsetof(struct program_settings, member)

const struct config_row program_settings_rows[] = {
    {
	.name = "LOG_LEVEL",
	.type = CONFIG_CHOICE,
	.offset = AT(log_level),
	.fallback = "info",
	.choices = log_level_names,
	.text = "Least level that is logged.",
    },
    {
	.name = "SHUTDOWN_TIMEOUT",
	.type = CONFIG_INT,
	.offset = AT(shutdown_timeout_s),
	.min = 1,
	.max = 3600,
	.fallback = "20",
	.unit = "s",
	.text = "After SIGTERM, what runs has this long to finish.",
    },
    {
	.name = "PUBLIC_URL",
	.type = CONFIG_URL,
	.offset = AT(public_url),
	.fallback = "http://127.0.0.1:8080",
	.text = "Address of the shop as its users see it: what links in mails begin with; https "
		"turns HSTS on.",
    },
    {
	.name = "OTEL_EXPORTER_OTLP_ENDPOINT",
	.type = CONFIG_URL,
	.offset = AT(otlp_endpoint),
	.fallback = "",
	.text = "OpenTelemetry collector that takes traces by OTLP/HTTP: http://collector:4318; "
		"without it there are none.",
    },
    {
	.name = "OTEL_BSP_SCHEDULE_DELAY",
	.type = CONFIG_INT,
	.offset = AT(trace_delay_ms),
	.min = 100,
	.max = 60000,
	.fallback = "5000",
	.unit = "ms",
	.text = "Traces are sent this often.",
    },
    {.name = NULL},
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
	const struct program_settings *settings = program->settings;

	if (config_load(program->tables, program->settings, stderr) != ERR_OK)
		return CONFIG_EXIT;
	log_init(program->name, (enum log_level)settings->log_level, log_fd);
	return EXIT_SUCCESS;
}

static bool
takes_any_number(const struct command *command)
{
	size_t len = command != NULL && command->argument != NULL ? strlen(command->argument) : 0;

	return len >= 3 && str_equal(command->argument + len - 3, "...");
}

/* The words from the third on, as one: in the place of the third. */
static void
join_words(int argc, char **argv, struct buf *out)
{
	for (int i = 2; i < argc; i++)
		buf_printf(out, "%s%s", i > 2 ? " " : "", argv[i]);
	argv[2] = out->data;
}

static int
run_command(const struct program *program, int argc, char **argv)
{
	const struct command *command = find_command(program, argv[1]);
	int words = command != NULL && command->argument != NULL ? 3 : 2;
	auto_buf struct buf joined;
	int status;

	buf_init(&joined, WORDS_MAX_BYTES);
	if (argc > 3 && takes_any_number(command)) {
		join_words(argc, argv, &joined);
		argc = buf_finish(&joined) == ERR_OK ? 3 : argc;
	}

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

static void
stop_signals(sigset_t *out)
{
	(void)sigemptyset(out);
	(void)sigaddset(out, SIGTERM);
	(void)sigaddset(out, SIGINT);
}

static void
block_signals(void)
{
	sigset_t signals;

	stop_signals(&signals);
	check(pthread_sigmask(SIG_BLOCK, &signals, NULL) == 0);
}

static int
serve_traced(const struct program *program, int (*serve)(void *settings))
{
	const struct program_settings *settings = program->settings;
	struct trace_exporter *exporter;
	enum err err;
	int status;

	block_signals();
	err = trace_exporter_start(
	    settings->otlp_endpoint, settings->trace_delay_ms, program->name, &exporter);
	if (err != ERR_OK) {
		log_error("traces can't be sent", LOG_ERR(err));
		return program_exit_status(err);
	}
	status = serve(program->settings);
	trace_exporter_stop(&exporter);
	return status;
}

int
program_main(int argc, char **argv, const char *name, const struct config_table *tables,
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
	return status == EXIT_SUCCESS ? serve_traced(&program, serve) : status;
}

void
program_await_signal(void)
{
	sigset_t signals;
	int number;

	stop_signals(&signals);
	check(sigwait(&signals, &number) == 0);
	log_info("stopping", LOG_TEXT("signal", number == SIGINT ? "SIGINT" : "SIGTERM"));
}

int
program_exit_status(enum err err)
{
	if (err == ERR_OK)
		return EXIT_SUCCESS;
	return err == ERR_CONFIG     ? CONFIG_EXIT
	    : err_status(err) == 503 ? EX_UNAVAILABLE
				     : EXIT_FAILURE;
}

int
program_run_checks(const struct program_check *checks, const void *settings)
{
	enum err worst = ERR_OK;

	for (; checks->what != NULL; checks++) {
		enum err err = checks->run(settings);

		(void)printf("%s: %s\n", checks->what, err == ERR_OK ? "ok" : err_name(err));
		worst = err != ERR_OK ? err : worst;
	}
	return program_exit_status(worst);
}
