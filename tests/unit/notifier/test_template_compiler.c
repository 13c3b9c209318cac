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

/* Compiles TEXT as the plain text of a template with the fields a, b and list(x y). */
static bool
compiles(const char *text)
{
	char command[400];
	FILE *pipe;
	size_t len;

	put("fields", "* shop\nhello a b list(x y)\n");
	put("en/hello.subject", "{{a}}\n");
	put("en/hello.html", "{{a}}\n");
	put("en/hello.txt", text);
	(void)snprintf(
	    command, sizeof(command), COMPILER " source %s/fields %s 2>&1", folder, folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	return pclose(pipe) == 0;
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
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
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
a_template_nobody_declared_does_not_compile(void **state)
{
	(void)state;
	put("en/other.txt", "text");
	assert_false(compiles("fine"));
	assert_non_null(strstr(output, "no template of that name"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_of_file_escapes_in_its_own_way),
	    cmocka_unit_test(sections_become_loops_and_conditions),
	    cmocka_unit_test(what_it_cannot_show_does_not_compile),
	    cmocka_unit_test(quotes_and_escapes_survive),
	    cmocka_unit_test(a_template_nobody_declared_does_not_compile),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
