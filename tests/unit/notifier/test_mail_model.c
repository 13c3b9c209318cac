#include <stdio.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "notifier/mail_format.h"
#include "notifier/mail_model.h"
#include "notifier/mail_template.h"
#include "notifier/webhook.h"

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

#define NOW_MS INT64_C(1767323045678)

static enum err
render_in(struct fixture *fixture, const char *locale, const char *template, const char *name,
    const char *data)
{
	const struct job job = {
	    .template = template,
	    .data = data,
	    .has_contact = true,
	    .contact = {.email = "a@b.c", .name = name, .locale = locale},
	};

	arena_reset(fixture->arena);
	return mail_model_render(
	    fixture->arena, "https://shop.example.org", NOW_MS, &job, &fixture->words);
}

static enum err
render(struct fixture *fixture, const char *template, const char *name, const char *data)
{
	return render_in(fixture, "", template, name, data);
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
	assert_has(fixture->words.text, "\nhttps://shop.example.org/verify-email?token=t0k-en_\n");
	assert_has(
	    fixture->words.html, "href=\"https://shop.example.org/verify-email?token=t0k-en_\"");
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
	assert_has(fixture->words.text, "1,500 JPY");
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
	    {"password_changed", "{\"address\":\"\",\"user_agent\":\"\",\"reason\":\"\"}"},
	    {"webhook_disabled", "{\"id\":\"1\",\"url\":\"u\"}"},
	    {"welcome", "not json"},
	    {"welcome", NULL},
	    {"item_listed", "{\"id\":\"i1\",\"name\":\"Lamp\",\"stock\":7}"},
	    {"receipt",
		"{\"id\":\"1\",\"number\":\"2\",\"total\":{\"amount\":1,\"currency\":\"EUR\"}}"},
	    {"sold",
		"{\"id\":\"1\",\"number\":\"2\",\"total\":{\"amount\":1,\"currency\":\"EUR\"},"
		"\"lines\":[{}]}"},
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_err(ERR_CORRUPT, render(*state, bad[i].template, "Anna", bad[i].data));
	assert_err(ERR_NOT_FOUND, render(*state, "unheard_of", "Anna", "{}"));
}

static void
an_expired_link_is_not_sent(void **state)
{
	struct fixture *fixture = *state;

	assert_err(ERR_OK,
	    render(fixture, "password_reset", "Anna",
		"{\"token\":\"t\",\"expires_at_ms\":1767323045679}"));
	assert_has(fixture->words.text, "\nhttps://shop.example.org/reset-password?token=t\n");
	assert_err(ERR_TOKEN_SPENT,
	    render(fixture, "password_reset", "Anna",
		"{\"token\":\"t\",\"expires_at_ms\":1767323045678}"));
}

#define BUTTON "bgcolor=\"#1d4ed8\""

/* The data of any template. */
#define ALL                                                                                        \
	"{\"id\":\"i1\",\"name\":\"Lamp\",\"token\":\"t0ken\",\"at_ms\":1767323045678,"            \
	"\"address\":\"192.0.2.1\",\"user_agent\":\"curl\",\"reason\":\"refresh_reused\","         \
	"\"price\":{\"amount\":123450,\"currency\":\"EUR\"},\"stock\":12345,"                      \
	"\"url\":\"https://x\","                                                                   \
	"\"number\":\"A1B2-C3D4\",\"tracking\":\"RR7\","                                           \
	"\"total\":{\"amount\":123450,\"currency\":\"EUR\"},\"lines\":[{\"name\":\"Lamp\","        \
	"\"quantity\":1,\"unit_price\":{\"amount\":123450,\"currency\":\"EUR\"},"                  \
	"\"total\":{\"amount\":123450,\"currency\":\"EUR\"}}]}"

static void
every_mail_can_be_written_in_every_language(void **state)
{
	struct fixture *fixture = *state;
	size_t count = 0;

	for (const struct mail_template *at = mail_templates; at->name != NULL; at++) {
		const char *button;
		char lang[20];

		assert_err(ERR_OK, render_in(fixture, at->language, at->name, "Anna", ALL));
		assert_has(fixture->words.text, "Anna");
		assert_has(fixture->words.html, "href=\"https://shop.example.org");
		assert_lacks(fixture->words.text, "{{");
		assert_lacks(fixture->words.html, "{{");
		/* One action */
		button = strstr(fixture->words.html.data, BUTTON);
		assert_non_null(button);
		assert_null(strstr(button + 1, BUTTON));
		(void)snprintf(lang, sizeof(lang), "<html lang=\"%s\"", at->language);
		assert_has(fixture->words.html, lang);
		count++;
	}
	assert_int_equal(count, 2 * 14);
}

static void
german_is_spoken_where_it_is_wanted(void **state)
{
	static const char *const locales[] = {"de", "de-AT", "DE_ch"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 3; i++) {
		assert_err(ERR_OK, render_in(fixture, locales[i], "item_listed", "Anna", ALL));
		assert_string_equal(fixture->words.subject.data, "Eingestellt: Lamp");
		assert_has(fixture->words.text, "Guten Tag Anna,");
		assert_has(fixture->words.text, "Preis:     1.234,50 EUR");
		assert_has(fixture->words.text, "Auf Lager: 12.345");
	}
	assert_err(ERR_OK, render_in(fixture, "de", "suspicious_sign_in", "Anna", ALL));
	assert_has(fixture->words.text, "2. Januar 2026, 03:04 Uhr (UTC)");
	assert_has(fixture->words.text, "ein zweites Mal verwendet");
	assert_err(ERR_OK, render_in(fixture, "en", "suspicious_sign_in", "Anna", ALL));
	assert_has(fixture->words.text, "2 January 2026, 03:04 UTC");
}

static void
why_a_webhook_was_disabled_is_said_in_the_readers_words(void **state)
{
	struct fixture *fixture = *state;

	assert_err(ERR_OK,
	    render_in(fixture, "de", "webhook_disabled", "Anna",
		"{\"id\":\"1\",\"url\":\"u\",\"reason\":\"" WEBHOOK_REASON_GONE "\"}"));
	assert_has(fixture->words.text, "Grund: Der Empfänger antwortete mit „410 Gone“\n");
	assert_err(ERR_OK,
	    render_in(fixture, "de", "webhook_disabled", "Anna",
		"{\"id\":\"1\",\"url\":\"u\",\"reason\":\"" WEBHOOK_REASON_FAILING "\"}"));
	assert_has(fixture->words.text, "Grund: Fünf Tage lang schlug jede Zustellung fehl\n");
	assert_err(ERR_OK,
	    render_in(fixture, "de", "webhook_disabled", "Anna",
		"{\"id\":\"1\",\"url\":\"u\",\"reason\":\"by hand\"}"));
	assert_has(fixture->words.text, "Grund: by hand\n");
}

static void
whoever_speaks_another_language_gets_english(void **state)
{
	static const char *const locales[] = {"", "en", "en-GB", "EN_us", "tlh", "x", "d", "deu"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(locales); i++) {
		const struct mail_template *found = mail_template_find("receipt", locales[i]);

		assert_non_null(found);
		assert_string_equal(found->name, "receipt");
		assert_string_equal(found->language, "en");
	}
	assert_null(mail_template_find("unheard_of", "en"));
}

static void
a_step_tells_its_tracking_number_if_there_is_one(void **state)
{
	struct fixture *fixture = *state;

	assert_err(ERR_OK, render(fixture, "shipped", "Anna", ALL));
	assert_has(fixture->words.text, "\n\nTracking number: RR7\n\n  1 x Lamp\n");
	assert_has(fixture->words.html, "<strong>RR7</strong>");
	assert_err(ERR_OK, render(fixture, "shipped", "Anna", ORDER));
	assert_lacks(fixture->words.text, "Tracking");
	assert_has(fixture->words.text, "A1B2-C3D4:\n\n  2 x Lamp <b>\n");
	assert_lacks(fixture->words.html, "Tracking");
}

static const char *
money(struct arena *arena, const struct mail_manner *manner, int64_t amount, const char *currency)
{
	struct money value = {.amount_minor = amount};

	memcpy(value.currency, currency, sizeof(value.currency));
	return mail_format_money(arena, manner, &value);
}

static void
numbers_money_and_times_follow_the_language(void **state)
{
	struct fixture *fixture = *state;
	struct arena *arena = fixture->arena;
	const struct mail_manner *en = mail_template_find("sold", "en")->manner;
	const struct mail_manner *de = mail_template_find("sold", "de")->manner;

	arena_reset(arena);
	assert_string_equal(mail_format_number(arena, en, 0), "0");
	assert_string_equal(mail_format_number(arena, en, 999), "999");
	assert_string_equal(mail_format_number(arena, en, 1000), "1,000");
	assert_string_equal(mail_format_number(arena, de, 1234567), "1.234.567");
	assert_string_equal(mail_format_number(arena, de, -123456), "-123.456");
	assert_string_equal(money(arena, en, 5, "EUR"), "0.05 EUR");
	assert_string_equal(money(arena, en, 100000000, "EUR"), "1,000,000.00 EUR");
	assert_string_equal(money(arena, de, 123450, "EUR"), "1.234,50 EUR");
	assert_string_equal(money(arena, de, 1500, "JPY"), "1.500 JPY");
	assert_string_equal(money(arena, en, 1234, "KWD"), "1.234 KWD");
	assert_string_equal(
	    mail_format_time(arena, en, INT64_C(1797638399999)), "18 December 2026, 23:59 UTC");
	assert_string_equal(mail_format_time(arena, de, 0), "1. Januar 1970, 00:00 Uhr (UTC)");
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
	    cmocka_unit_test(an_expired_link_is_not_sent),
	    cmocka_unit_test(every_mail_can_be_written_in_every_language),
	    cmocka_unit_test(german_is_spoken_where_it_is_wanted),
	    cmocka_unit_test(why_a_webhook_was_disabled_is_said_in_the_readers_words),
	    cmocka_unit_test(whoever_speaks_another_language_gets_english),
	    cmocka_unit_test(a_step_tells_its_tracking_number_if_there_is_one),
	    cmocka_unit_test(numbers_money_and_times_follow_the_language),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
