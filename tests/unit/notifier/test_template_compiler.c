/* notifier/templates/compile on templates of the test's own. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define COMPILER "notifier/templates/compile"

static char folder[] = "/tmp/test-templates.XXXXXX";
static char output[100000];

static void
put(const char *name, const char *text)
{
	char path[200];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
make_folder(void **state)
{
	char path[200];

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/en", folder);
	if (mkdir(path, 0700) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/de", folder);
	return mkdir(path, 0700);
}

static int
drop_folder(void **state)
{
	char command[200];
	FILE *pipe;

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	pipe = popen(command, "r");
	return pipe != NULL && pclose(pipe) == 0 ? 0 : -1;
}

#define MANNER                                                                                     \
	"group ,\npoint .\ntime {day} {month}\n"                                                   \
	"months Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec\n"

static void
drop(const char *name)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

/* A template in two languages, with TEXT as its plain text, and the fields a, b and list(x y). */
static void
put_all(const char *text)
{
	static const char *const languages[] = {"en", "de"};
	char name[40];

	put("fields", "*: shop\ngreeting hello: a b list(x y)\n");
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(name, sizeof(name), "%s/manner", languages[i]);
		put(name, MANNER);
		(void)snprintf(name, sizeof(name), "%s/hello.subject", languages[i]);
		put(name, "{{a}}\n");
		(void)snprintf(name, sizeof(name), "%s/hello.html", languages[i]);
		put(name, "{{a}}\n");
		(void)snprintf(name, sizeof(name), "%s/hello.txt", languages[i]);
		put(name, text);
	}
}

/* Does the compiler take what is there? */
static bool
succeeds(void)
{
	char command[400];
	FILE *pipe;
	size_t len;

	(void)snprintf(
	    command, sizeof(command), COMPILER " source %s/fields %s 2>&1", folder, folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	return pclose(pipe) == 0;
}

static bool
compiles(const char *text)
{
	put_all(text);
	return succeeds();
}

static void
each_kind_of_file_escapes_in_its_own_way(void **state)
{
	(void)state;
	assert_true(compiles("{{b}}"));
	assert_non_null(strstr(output, "mail_put_line(out, model->a)"));
	assert_non_null(strstr(output, "mail_put_html(out, model->a)"));
	assert_non_null(strstr(output, "mail_put_text(out, model->b)"));
}

static void
sections_become_loops_and_conditions(void **state)
{
	(void)state;
	assert_true(compiles("{{#list}}\n{{x}} of {{a}}\n{{/list}}\n{{^b}}none{{/b}}"));
	assert_non_null(strstr(output, "i < model->list_count"));
	assert_non_null(strstr(output, "mail_put_text(out, row->x)"));
	assert_non_null(strstr(output, "mail_put_text(out, model->a)"));
	assert_non_null(strstr(output, "if (model->b[0] == '\\0')"));
	/* The tags' own lines leave none behind. */
	assert_non_null(strstr(output, "(void)row;\n\t\tmail_put_text(out, row->x)"));
	assert_non_null(strstr(output, "}\n\tif ("));
}

static void
what_it_cannot_show_does_not_compile(void **state)
{
	static const char *const bad[] = {"{{unknown}}", "{{x}}", "{{list}}", "{{#a}}", "{{/a}}",
	    "{{#a}}{{#b}}{{/a}}{{/b}}", "{{#list}}{{#list}}{{/list}}{{/list}}", "{{>missing}}",
	    "{{{a}}}", "{{a", "a}}", "{{ }}", "{{&a}}", "{{#unknown}}{{/unknown}}"};

	(void)state;
	assert_true(compiles("fine"));
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		if (compiles(bad[i]))
			fail_msg("%s compiled", bad[i]);
		assert_non_null(strstr(output, "templates: "));
	}
}

static void
quotes_and_escapes_survive(void **state)
{
	(void)state;
	assert_true(compiles("say \"hi\" \\n ?\?= \tend"));
	assert_non_null(strstr(output, "\"say \\\"hi\\\" \\\\n \\?\\?= \\tend\""));
}

static void
parts_are_the_languages_own_or_common(void **state)
{
	(void)state;
	put("_sign.txt", "common {{shop}} {{language}}\n");
	put("de/_sign.txt", "eigene {{shop}}\n");
	assert_true(compiles("{{>sign}}\nend"));
	assert_non_null(strstr(output, "common "));
	assert_non_null(strstr(output, " en\\nend"));
	assert_non_null(strstr(output, "eigene "));
	assert_non_null(strstr(output, "mail_put_text(out, model->common.shop)"));
}

static void
an_incomplete_language_does_not_compile(void **state)
{
	static const char *const needed[] = {
	    "de/hello.subject", "de/hello.html", "de/hello.txt", "en/hello.txt", "de/manner"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(needed); i++) {
		put_all("fine");
		assert_true(succeeds());
		drop(needed[i]);
		if (succeeds())
			fail_msg("it compiled without %s", needed[i]);
		assert_non_null(strstr(output, "templates: "));
	}
}

static void
a_manner_that_is_not_whole_does_not_compile(void **state)
{
	static const char *const bad[] = {"", "group ,\n", MANNER "colour red\n",
	    "group ,\npoint .\ntime {day}\nmonths Jan Feb\n",
	    "group ,\npoint .\ntime {week}\nmonths a b c d e f g h i j k l\n"};

	(void)state;
	put_all("fine");
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		put("de/manner", bad[i]);
		assert_false(succeeds());
	}
}

static void
a_template_nobody_declared_does_not_compile(void **state)
{
	(void)state;
	put("en/other.txt", "text");
	assert_false(compiles("fine"));
	assert_non_null(strstr(output, "no template of that name"));
	drop("en/other.txt");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_of_file_escapes_in_its_own_way),
	    cmocka_unit_test(sections_become_loops_and_conditions),
	    cmocka_unit_test(what_it_cannot_show_does_not_compile),
	    cmocka_unit_test(quotes_and_escapes_survive),
	    cmocka_unit_test(parts_are_the_languages_own_or_common),
	    cmocka_unit_test(an_incomplete_language_does_not_compile),
	    cmocka_unit_test(a_manner_that_is_not_whole_does_not_compile),
	    cmocka_unit_test(a_template_nobody_declared_does_not_compile),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
