#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "shared/base/config.h"

struct settings {
	int64_t workers;
	bool verbose;
	const char *greeting;
	const char *password;
	const char *public_url;
	const char *trusted;
	int level;
	struct notes {
		const char *note;
	} notes; /* filled by a table of its own */
};

static const char *const levels[] = {"debug", "info", "warn", NULL};

static const struct config_row rows[] = {
    {"T_WORKERS", CONFIG_INT, offsetof(struct settings, workers), 1, 64, "4", NULL, "threads",
	"Threads that answer requests."},
    {"T_VERBOSE", CONFIG_BOOL, offsetof(struct settings, verbose), 0, 0, "false", NULL, NULL,
	"Whether to tell more."},
    {"T_GREETING", CONFIG_TEXT, offsetof(struct settings, greeting), 2, 10, "hello", NULL, NULL,
	"What to say | or not."},
    {"T_PASSWORD", CONFIG_SECRET, offsetof(struct settings, password), 8, 100, NULL, NULL, NULL,
	"The store's password."},
    {"T_PUBLIC_URL", CONFIG_URL, offsetof(struct settings, public_url), 0, 0,
	"http://127.0.0.1:8080", NULL, NULL, "What links begin with."},
    {"T_TRUSTED", CONFIG_NETWORKS, offsetof(struct settings, trusted), 0, 0, "", NULL, NULL,
	"Whose word counts."},
    {"T_LEVEL", CONFIG_CHOICE, offsetof(struct settings, level), 0, 0, "info", levels, NULL,
	"The least that is logged."},
    {0},
};

static const struct config_row more_rows[] = {
    {"T_NOTE", CONFIG_TEXT, offsetof(struct notes, note), 5, 0, "", NULL, NULL, "A remark."},
    {0},
};

static const struct config_table tables[] = {
    {rows, 0}, {more_rows, offsetof(struct settings, notes)}, {NULL, 0}};

/* What a test reads and writes; `errors` is what config_load told. */
static struct settings settings;
static char *errors;
static char secret_path[64];

static int
clean_environment(void **state)
{
	(void)state;
	for (const struct config_table *table = tables; table->rows != NULL; table++)
		for (const struct config_row *row = table->rows; row->name != NULL; row++)
			(void)unsetenv(row->name);
	(void)unsetenv("T_PASSWORD_FILE");
	(void)setenv("T_PASSWORD", "correct horse", 1);
	memset(&settings, 0, sizeof(settings));
	return 0;
}

static int
drop_texts(void **state)
{
	(void)state;
	free(errors);
	errors = NULL;
	if (secret_path[0] != '\0')
		(void)unlink(secret_path);
	secret_path[0] = '\0';
	return 0;
}

static enum err
load(void)
{
	size_t size;
	FILE *out;
	enum err err;

	free(errors);
	out = open_memstream(&errors, &size);
	assert_non_null(out);
	err = config_load(tables, &settings, out);
	(void)fclose(out);
	return err;
}

static void
set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

/* A file with LEN bytes, named by T_PASSWORD_FILE in place of T_PASSWORD. */
static void
set_secret_file(const char *bytes, size_t len)
{
	int fd;

	if (secret_path[0] != '\0')
		(void)unlink(secret_path);
	(void)snprintf(secret_path, sizeof(secret_path), "/tmp/test_config.XXXXXX");
	fd = mkstemp(secret_path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	(void)close(fd);
	set("T_PASSWORD_FILE", secret_path);
	(void)unsetenv("T_PASSWORD");
}

/* Loading with NAME set to VALUE tells exactly this and nothing else. */
static void
assert_refused(const char *name, const char *value, const char *told)
{
	set(name, value);
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, told);
	(void)unsetenv(name);
}

static void
defaults_fill_what_is_not_set(void **state)
{
	(void)state;
	assert_err(ERR_OK, load());
	assert_string_equal(errors, "");
	assert_int_equal(settings.workers, 4);
	assert_false(settings.verbose);
	assert_string_equal(settings.greeting, "hello");
	assert_string_equal(settings.password, "correct horse");
	assert_string_equal(settings.public_url, "http://127.0.0.1:8080");
	assert_string_equal(settings.trusted, "");
	assert_int_equal(settings.level, 1);
	assert_string_equal(settings.notes.note, "");
}

static void
the_environment_overrides_them(void **state)
{
	(void)state;
	set("T_WORKERS", "64");
	set("T_VERBOSE", "true");
	set("T_GREETING", "guten Tag");
	set("T_PUBLIC_URL", "https://shop.example/eu//");
	set("T_TRUSTED", "10.0.0.0/8, ::1");
	set("T_LEVEL", "warn");
	set("T_NOTE", "a remark of any length");
	assert_err(ERR_OK, load());
	assert_int_equal(settings.workers, 64);
	assert_true(settings.verbose);
	assert_string_equal(settings.greeting, "guten Tag");
	assert_string_equal(settings.public_url, "https://shop.example/eu");
	assert_string_equal(settings.trusted, "10.0.0.0/8, ::1");
	assert_int_equal(settings.level, 2);
	assert_string_equal(settings.notes.note, "a remark of any length");
}

static void
strings_outlive_the_environment(void **state)
{
	(void)state;
	set("T_GREETING", "guten Tag");
	assert_err(ERR_OK, load());
	set("T_GREETING", "other");
	assert_string_equal(settings.greeting, "guten Tag");
}

static void
an_empty_variable_counts_as_not_set(void **state)
{
	(void)state;
	set("T_WORKERS", "");
	set("T_GREETING", "");
	assert_err(ERR_OK, load());
	assert_int_equal(settings.workers, 4);
	assert_string_equal(settings.greeting, "hello");
	assert_refused("T_PASSWORD", "", "T_PASSWORD: is required\n");
}

static void
all_bad_values_are_told_at_once(void **state)
{
	(void)state;
	set("T_WORKERS", "many");
	set("T_VERBOSE", "yes");
	set("T_GREETING", "x");
	(void)unsetenv("T_PASSWORD");
	set("T_PUBLIC_URL", "ftp://shop.example");
	set("T_TRUSTED", "10.0.0.0/99");
	set("T_LEVEL", "loud");
	set("T_NOTE", "abc");
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors,
	    "T_WORKERS: must be a whole number from 1 to 64 threads\n"
	    "T_VERBOSE: must be true or false\n"
	    "T_GREETING: must have at least 2 bytes\n"
	    "T_PASSWORD: is required\n"
	    "T_PUBLIC_URL: must be an address that begins with http:// or https://\n"
	    "T_TRUSTED: must be networks like 10.0.0.0/8,fd00::/8 with commas between\n"
	    "T_LEVEL: must be one of debug, info, warn\n"
	    "T_NOTE: must have at least 5 bytes\n");
}

static void
bounds_are_kept(void **state)
{
	static const char *const bad[] = {
	    "0", "65", "-1", "4 ", "0x4", "4.0", "99999999999999999999"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_refused("T_WORKERS", bad[i],
		    "T_WORKERS: must be a whole number from 1 to 64 threads\n");
	assert_refused("T_GREETING", "0123456789a", "T_GREETING: must have at most 10 bytes\n");
	assert_refused("T_VERBOSE", "TRUE", "T_VERBOSE: must be true or false\n");
	assert_refused("T_LEVEL", "INFO", "T_LEVEL: must be one of debug, info, warn\n");
}

static void
addresses_need_a_scheme_and_a_host(void **state)
{
	static const char *const bad[] = {"shop.example", "http:/shop", "http://", "https:///path",
	    "http://:80", "http://?q", "http://a b", "http://a\nb", "http://a\x7F", "HTTP://a",
	    "http://\xC3\xA4", "javascript:http://a"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_refused("T_PUBLIC_URL", bad[i],
		    "T_PUBLIC_URL: must be an address that begins with http:// or https://\n");
}

static void
a_secret_is_read_from_a_file(void **state)
{
	(void)state;
	set_secret_file("from a file", 11);
	assert_err(ERR_OK, load());
	assert_string_equal(settings.password, "from a file");
	set_secret_file("from a file\n", 12);
	assert_err(ERR_OK, load());
	assert_string_equal(settings.password, "from a file");
	set_secret_file(" two lines\n\n", 12); /* one newline goes, the rest is meant */
	assert_err(ERR_OK, load());
	assert_string_equal(settings.password, " two lines\n");
}

static void
a_secret_by_itself_and_by_file_is_refused(void **state)
{
	(void)state;
	set_secret_file("from a file", 11);
	assert_refused("T_PASSWORD", "correct horse",
	    "T_PASSWORD: is given twice, by itself and by T_PASSWORD_FILE\n");
}

static void
only_secrets_come_from_files(void **state)
{
	(void)state;
	set("T_GREETING_FILE", "/etc/hostname");
	assert_err(ERR_OK, load());
	assert_string_equal(settings.greeting, "hello");
	(void)unsetenv("T_GREETING_FILE");
}

static void
a_bad_secret_file_is_told(void **state)
{
	static char large[64 * 1024 + 1];

	(void)state;
	set_secret_file("", 0);
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, "T_PASSWORD: its _FILE is empty\n");
	set_secret_file("\n", 1);
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, "T_PASSWORD: its _FILE is empty\n");
	set_secret_file("with a\0NUL", 10);
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, "T_PASSWORD: its _FILE holds a NUL byte\n");
	memset(large, 'x', sizeof(large));
	set_secret_file(large, sizeof(large));
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, "T_PASSWORD: its _FILE can't be read: File too large\n");
	set("T_PASSWORD_FILE", "/nonexistent/secret");
	assert_err(ERR_CONFIG, load());
	assert_string_equal(
	    errors, "T_PASSWORD: its _FILE can't be read: No such file or directory\n");
	set("T_PASSWORD_FILE", "/");
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, "T_PASSWORD: its _FILE can't be read: Is a directory\n");
}

static void
a_refused_secret_is_not_repeated(void **state)
{
	(void)state;
	assert_refused("T_PASSWORD", "hunter2", "T_PASSWORD: must have at least 8 bytes\n");
	set_secret_file("hunter2", 7);
	assert_err(ERR_CONFIG, load());
	assert_string_equal(errors, "T_PASSWORD: must have at least 8 bytes\n");
}

static void
assert_printed(void (*print)(const struct config_table *, FILE *), const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	print(tables, out);
	(void)fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void
help_tells_each_row(void **state)
{
	(void)state;
	assert_printed(config_print_help,
	    "Settings, from the environment:\n"
	    "\n"
	    "  T_WORKERS (1–64 threads; default 4)\n"
	    "      Threads that answer requests.\n"
	    "\n"
	    "  T_VERBOSE (true or false; default false)\n"
	    "      Whether to tell more.\n"
	    "\n"
	    "  T_GREETING (text; default hello)\n"
	    "      What to say | or not.\n"
	    "\n"
	    "  T_PASSWORD (secret; required)\n"
	    "      The store's password.\n"
	    "      Or T_PASSWORD_FILE, the path of a file with it.\n"
	    "\n"
	    "  T_PUBLIC_URL (http(s) address; default http://127.0.0.1:8080)\n"
	    "      What links begin with.\n"
	    "\n"
	    "  T_TRUSTED (networks; none unless given)\n"
	    "      Whose word counts.\n"
	    "\n"
	    "  T_LEVEL (debug, info or warn; default info)\n"
	    "      The least that is logged.\n"
	    "\n"
	    "  T_NOTE (text; none unless given)\n"
	    "      A remark.\n");
}

static void
markdown_is_a_table_of_the_rows(void **state)
{
	(void)state;
	assert_printed(config_print_markdown,
	    "| Variable | Meaning | Value | Default |\n"
	    "|---|---|---|---|\n"
	    "| `T_WORKERS` | Threads that answer requests. | 1–64 threads | `4` |\n"
	    "| `T_VERBOSE` | Whether to tell more. | true or false | `false` |\n"
	    "| `T_GREETING` | What to say \\| or not. | text | `hello` |\n"
	    "| `T_PASSWORD` or `T_PASSWORD_FILE` | The store's password. | secret | required |\n"
	    "| `T_PUBLIC_URL` | What links begin with. | http(s) address | "
	    "`http://127.0.0.1:8080` |\n"
	    "| `T_TRUSTED` | Whose word counts. | networks | none |\n"
	    "| `T_LEVEL` | The least that is logged. | debug, info or warn | `info` |\n"
	    "| `T_NOTE` | A remark. | text | none |\n");
}

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, clean_environment, drop_texts)
	const struct CMUnitTest tests[] = {
	    test(defaults_fill_what_is_not_set),
	    test(the_environment_overrides_them),
	    test(strings_outlive_the_environment),
	    test(an_empty_variable_counts_as_not_set),
	    test(all_bad_values_are_told_at_once),
	    test(bounds_are_kept),
	    test(addresses_need_a_scheme_and_a_host),
	    test(a_secret_is_read_from_a_file),
	    test(a_secret_by_itself_and_by_file_is_refused),
	    test(only_secrets_come_from_files),
	    test(a_bad_secret_file_is_told),
	    test(a_refused_secret_is_not_repeated),
	    test(help_tells_each_row),
	    test(markdown_is_a_table_of_the_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
