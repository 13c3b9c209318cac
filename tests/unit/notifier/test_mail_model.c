#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "notifier/mail_model.h"
#include "notifier/mail_template.h"

#define ORDER                                                                                      \
	"{\"id\":\"01890000-0000-7000-8000-0000000000f1\",\"number\":\"A1B2-C3D4\",\"lines\":["    \
	"{\"name\":\"Lamp <b>\",\"quantity\":2,\"unit_price\":{\"amount\":1999,\"currency\":"      \
	"\"EUR\"},\"total\":{\"amount\":3998,\"currency\":\"EUR\"}},"                              \
	"{\"name\":\"Rug\",\"quantity\":1,\"unit_price\":{\"amount\":5,\"currency\":\"EUR\"},"     \
	"\"total\":{\"amount\":5,\"currency\":\"EUR\"}}],"                                         \
	"\"total\":{\"amount\":4003,\"currency\":\"EUR\"}}"

struct fixture {
	struct arena *arena;
	struct mail_words words;
};

static int
set_up(void **state)
{
	static struct fixture fixture;

	buf_init(&fixture.words.subject, 2000);
	buf_init(&fixture.words.text, 100000);
	buf_init(&fixture.words.html, 100000);
	*state = &fixture;
	return arena_new((size_t)1024 * 1024, &fixture.arena) == ERR_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *fixture = *state;

	arena_free(&fixture->arena);
	buf_fini(&fixture->words.subject);
	buf_fini(&fixture->words.text);
	buf_fini(&fixture->words.html);
	return 0;
}

static enum err
render(struct fixture *fixture, const char *template, const char *name, const char *data)
{
	const struct job job = {
	    .template = template,
	    .data = data,
	    .has_contact = true,
	    .contact = {.email = "a@b.c", .name = name, .locale = ""},
	};

	arena_reset(fixture->arena);
	return mail_model_render(fixture->arena, "https://shop.example.org", &job, &fixture->words);
}

#define assert_has(buf, text)   assert_non_null(strstr((buf).data, (text)))
#define assert_lacks(buf, text) assert_null(strstr((buf).data, (text)))

static void
welcome_greets_and_links(void **state)
{
	struct fixture *fixture = *state;

	assert_err(ERR_OK, render(fixture, "welcome", "Anna", "{\"token\":\"t0k-en_\"}"));
	assert_string_equal(
	    fixture->words.subject.data, "Welcome, Anna: please confirm your email address");
	assert_has(
	    fixture->words.text, "\nhttps://shop.example.org/auth/email/verify?token=t0k-en_\n");
	assert_has(fixture->words.html,
	    "href=\"https://shop.example.org/auth/email/verify?token=t0k-en_\"");
	assert_has(fixture->words.html, "<!DOCTYPE html>");
	assert_has(fixture->words.html, "</html>");
}

static void
values_are_escaped_as_their_place_needs(void **state)
{
	struct fixture *fixture = *state;

	assert_err(ERR_OK, render(fixture, "welcome", "<a href=\"x\">&'\t\n", "{\"token\":\"t\"}"));
	assert_has(fixture->words.html, "Welcome, &lt;a href=&quot;x&quot;&gt;&amp;&#39;");
	assert_lacks(fixture->words.html, "<a href=\"x\">");
	assert_has(fixture->words.text, "Welcome, <a href=\"x\">&'");
	assert_has(fixture->words.subject, "Welcome, <a href=\"x\">&'  :");
	assert_lacks(fixture->words.subject, "\n");
}

static void
item_listed_tells_price_stock_and_place(void **state)
{
	struct fixture *fixture = *state;

	assert_err(ERR_OK,
	    render(fixture, "item_listed", "Anna",
		"{\"id\":\"i1\",\"name\":\"Lamp\",\"price\":{\"amount\":1500,\"currency\":\"JPY\"},"
		"\"stock\":7}"));
	assert_string_equal(fixture->words.subject.data, "Listed: Lamp");
	assert_has(fixture->words.text, "Lamp");
	assert_has(fixture->words.text, "1500 JPY");
	assert_has(fixture->words.text, "In stock: 7");
	assert_has(fixture->words.text, "https://shop.example.org/item/i1");
	assert_has(fixture->words.html, "href=\"https://shop.example.org/item/i1\"");
}

static void
orders_list_their_lines(void **state)
{
	static const char *const templates[] = {"receipt", "sold"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 2; i++) {
		assert_err(ERR_OK, render(fixture, templates[i], "Anna", ORDER));
		assert_has(fixture->words.subject, "A1B2-C3D4");
		assert_has(fixture->words.text,
		    "  2 x Lamp <b>\n      19.99 EUR each, 39.98 EUR\n"
		    "  1 x Rug\n      0.05 EUR each, 0.05 EUR\n\n  Total: 40.03 EUR\n");
		assert_has(fixture->words.html, "Lamp &lt;b&gt;");
		assert_has(fixture->words.html, "39.98 EUR");
		assert_has(fixture->words.html, "40.03 EUR");
		assert_lacks(fixture->words.html, "{{");
		assert_lacks(fixture->words.text, "{{");
	}
}

static void
data_that_lack_something_are_corrupt(void **state)
{
	static const struct {
		const char *template, *data;
	} bad[] = {
	    {"welcome", "{}"},
	    {"welcome", "not json"},
	    {"welcome", NULL},
	    {"item_listed", "{\"id\":\"i1\",\"name\":\"Lamp\",\"stock\":7}"},
	    {"receipt",
		"{\"id\":\"1\",\"number\":\"2\",\"total\":{\"amount\":1,\"currency\":\"EUR\"}}"},
	    {"sold",
		"{\"id\":\"1\",\"number\":\"2\",\"total\":{\"amount\":1,\"currency\":\"EUR\"},"
		"\"lines\":[{}]}"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(ERR_CORRUPT, render(*state, bad[i].template, "Anna", bad[i].data));
	assert_err(ERR_NOT_FOUND, render(*state, "unheard_of", "Anna", "{}"));
}

static void
every_template_is_there_in_english_and_found_by_any_locale(void **state)
{
	static const char *const names[] = {"welcome", "item_listed", "receipt", "sold"};
	static const char *const locales[] = {"", "en", "en-GB", "EN_us", "tlh", "x"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (size_t j = 0; j < sizeof(locales) / sizeof(locales[0]); j++) {
			const struct mail_template *found =
			    mail_template_find(names[i], locales[j]);

			assert_non_null(found);
			assert_string_equal(found->name, names[i]);
			assert_string_equal(found->language, "en");
		}
	assert_null(mail_template_find("unheard_of", "en"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(welcome_greets_and_links),
	    cmocka_unit_test(values_are_escaped_as_their_place_needs),
	    cmocka_unit_test(item_listed_tells_price_stock_and_place),
	    cmocka_unit_test(orders_list_their_lines),
	    cmocka_unit_test(data_that_lack_something_are_corrupt),
	    cmocka_unit_test(every_template_is_there_in_english_and_found_by_any_locale),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
