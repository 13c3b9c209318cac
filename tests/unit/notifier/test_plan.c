#include <stdio.h>
#include <string.h>

#include "tests/unit/arena_rig.h"

#include "notifier/plan.h"

#define BUYER "01890000-0000-7000-8000-00000000000a"
#define ANNA  "01890000-0000-7000-8000-00000000000b"
#define BERT  "01890000-0000-7000-8000-00000000000c"
#define EVENT "01890000-0000-7000-8000-0000000000e1"
#define ORDER "01890000-0000-7000-8000-0000000000f1"
#define LAMP  "01890000-0000-7000-8000-0000000000c1"
#define RUG   "01890000-0000-7000-8000-0000000000c2"
#define USER(id, more)                                                                             \
	"\"user\":{\"id\":\"" id "\",\"email\":\"anna@example.org\",\"name\":\"Anna\"," more "}"
#define MONEY(amount) "{\"amount\":" #amount ",\"currency\":\"EUR\"}"
#define LINE_OF(item, more, seller, name, unit, quantity, total)                                   \
	"{\"item_id\":\"" item "\",\"seller_id\":\"" seller "\",\"name\":\"" name                  \
	"\",\"unit_price\":" MONEY(unit) ",\"quantity\":" #quantity ",\"total\":" MONEY(total)     \
	    more "}"
#define LINE(seller, name, unit, quantity, total)                                                  \
	LINE_OF(ORDER, "", seller, name, unit, quantity, total)
#define TWO_LINES                                                                                  \
	"\"order\":{\"id\":\"" ORDER "\",\"number\":\"A1B2-C3D4\",\"buyer_id\":\"" BUYER           \
	"\",\"lines\":[" LINE_OF(                                                                  \
	    LAMP, ",\"tracking\":null", ANNA, "Lamp", 1000, 2, 2000) "," LINE_OF(RUG,              \
	    ",\"tracking\":\"RR7\"", BERT, "Rug", 5, 1, 5) "],\"total\":" MONEY(2005) "}"

static enum err
plan_event(struct arena *scratch, const char *type, const char *data, struct plan *plan)
{
	const char *body = arena_printf(scratch,
	    "{\"specversion\":\"1.0\",\"id\":\"" EVENT "\",\"source\":\"/x\",\"type\":\"%s\","
	    "\"time\":\"2026-01-02T03:04:05.678Z\",\"data\":%s}",
	    type, data);

	assert_non_null(body);
	return plan_make(scratch, span_of(body, strlen(body)), plan);
}

static void
assert_job(const struct plan *plan, size_t at, const char *template, const char *recipient)
{
	assert_true(at < plan->job_count);
	assert_string_equal(plan->jobs[at].channel, "email");
	assert_string_equal(plan->jobs[at].template, template);
	assert_string_equal(plan->jobs[at].recipient.text, recipient);
}

static void
a_registration_is_welcomed(void **state)
{
	struct plan plan;

	assert_err(ERR_OK,
	    plan_event(*state, "user.registered",
		"{\"user\":{\"id\":\"" ANNA "\",\"email\":\"anna@example.org\",\"name\":\"Anna\","
		"\"locale\":\"de-AT\"},\"verification_token\":\"secret\"}",
		&plan));
	assert_true(plan.has_contact);
	assert_string_equal(plan.contact.user_id.text, ANNA);
	assert_string_equal(plan.contact.email, "anna@example.org");
	assert_string_equal(plan.contact.name, "Anna");
	assert_string_equal(plan.contact.locale, "de-AT");
	assert_false(plan.contact.deleted);
	assert_int_equal(plan.job_count, 1);
	assert_job(&plan, 0, "welcome", ANNA);
	/* 24 hours after the event */
	assert_string_equal(
	    plan.jobs[0].data, "{\"token\":\"secret\",\"expires_at_ms\":1767409445678}");
	assert_string_equal(plan.event.head.id.text, EVENT);
}

static void
tokens_go_out_by_mail(void **state)
{
	struct plan plan;

	assert_err(ERR_OK,
	    plan_event(*state, "user.email_verification_requested",
		"{" USER(ANNA, "\"locale\":\"de\"") ",\"verification_token\":\"v\"}", &plan));
	assert_true(plan.has_contact);
	assert_int_equal(plan.job_count, 1);
	assert_job(&plan, 0, "email_verification", ANNA);
	assert_string_equal(plan.jobs[0].data, "{\"token\":\"v\",\"expires_at_ms\":1767409445678}");
	assert_err(ERR_OK,
	    plan_event(*state, "user.password_reset_requested",
		"{" USER(ANNA, "\"locale\":\"de\"") ",\"reset_token\":\"r\"}", &plan));
	assert_true(plan.has_contact);
	assert_int_equal(plan.job_count, 1);
	assert_job(&plan, 0, "password_reset", ANNA);
	/* 30 minutes after it */
	assert_string_equal(plan.jobs[0].data, "{\"token\":\"r\",\"expires_at_ms\":1767324845678}");
}

static void
what_was_done_to_an_account_is_told_with_its_origin(void **state)
{
	static const char *const types[][2] = {{"user.password_changed", "password_changed"},
	    {"user.sign_in_suspicious", "suspicious_sign_in"}};

	for (size_t i = 0; i < 2; i++) {
		struct plan plan;

		assert_err(ERR_OK,
		    plan_event(*state, types[i][0],
			"{" USER(ANNA, "\"locale\":null") ",\"at\":\"2026-01-02T03:04:05Z\","
							  "\"address\":\"192.0.2.1\","
							  "\"user_agent\":null,"
							  "\"reason\":\"refresh_reused\"}",
			&plan));
		assert_true(plan.has_contact);
		assert_int_equal(plan.job_count, 1);
		assert_job(&plan, 0, types[i][1], ANNA);
		assert_string_equal(plan.jobs[0].data,
		    "{\"at_ms\":1767323045000,\"address\":\"192.0.2.1\",\"user_agent\":\"\","
		    "\"reason\":\"refresh_reused\"}");
	}
}

static void
other_events_of_a_user_tell_the_address_alone(void **state)
{
	struct plan plan;

	assert_err(ERR_OK,
	    plan_event(*state, "user.updated",
		"{\"user\":{\"id\":\"" ANNA
		"\",\"email\":\"a@b.c\",\"name\":\"A\",\"locale\":null}}",
		&plan));
	assert_true(plan.has_contact);
	assert_string_equal(plan.contact.locale, "");
	assert_int_equal(plan.job_count, 0);
}

static void
a_deleted_user_leaves_no_address(void **state)
{
	struct plan plan;

	assert_err(
	    ERR_OK, plan_event(*state, "user.deleted", "{\"user\":{\"id\":\"" ANNA "\"}}", &plan));
	assert_true(plan.contact.deleted);
	assert_string_equal(plan.contact.email, "");
	assert_string_equal(plan.contact.name, "");
}

static void
items_are_told_about_to_their_seller(void **state)
{
	static const char *const types[][2] = {
	    {"item.created", "item_listed"}, {"item.low_stock", "low_stock"}};

	for (size_t i = 0; i < 2; i++) {
		struct plan plan;

		assert_err(ERR_OK,
		    plan_event(*state, types[i][0],
			"{\"item\":{\"id\":\"" LAMP "\",\"seller_id\":\"" ANNA
			"\",\"name\":\"Lamp\",\"price\":" MONEY(
			    1999) ",\"stock\":7,\"description\":\"long\"}}",
			&plan));
		assert_false(plan.has_contact);
		assert_int_equal(plan.job_count, 1);
		assert_job(&plan, 0, types[i][1], ANNA);
		assert_string_equal(plan.jobs[0].data,
		    "{\"id\":\"" LAMP
		    "\",\"name\":\"Lamp\",\"price\":" MONEY(1999) ",\"stock\":7}");
	}
}

static void
a_disabled_webhook_is_told_to_its_owner(void **state)
{
	struct plan plan;

	assert_err(ERR_OK,
	    plan_event(*state, "webhook.disabled",
		"{\"webhook\":{\"id\":\"" LAMP "\",\"url\":\"https://x.example\","
		"\"status\":\"disabled\",\"disabled_reason\":\"gone\"},\"owner_id\":\"" BERT "\"}",
		&plan));
	assert_int_equal(plan.job_count, 1);
	assert_job(&plan, 0, "webhook_disabled", BERT);
	assert_string_equal(plan.jobs[0].data,
	    "{\"id\":\"" LAMP "\",\"url\":\"https://x.example\",\"reason\":\"gone\"}");
}

static void
an_order_makes_a_receipt_and_one_mail_for_each_seller(void **state)
{
	struct plan plan;

	assert_err(ERR_OK,
	    plan_event(*state, "order.created",
		"{\"order\":{\"id\":\"" ORDER "\",\"number\":\"A1B2-C3D4\",\"buyer_id\":\"" BUYER
		"\",\"lines\":[" LINE(ANNA, "Lamp", 1000, 2, 2000) "," LINE(BERT, "Rug", 5, 1,
		    5) "," LINE(ANNA, "Bulb", 300, 1, 300) "],\"total\":" MONEY(2305) "}}",
		&plan));
	assert_false(plan.has_contact);
	assert_int_equal(plan.job_count, 3);
	assert_job(&plan, 0, "receipt", BUYER);
	assert_job(&plan, 1, "sold", ANNA);
	assert_job(&plan, 2, "sold", BERT);
	assert_non_null(strstr(plan.jobs[0].data, "\"Rug\""));
	assert_non_null(strstr(plan.jobs[0].data, "],\"total\":" MONEY(2305) ","));
	/* A seller sees the own lines and their sum, and not who bought. */
	assert_non_null(strstr(plan.jobs[1].data, "\"Lamp\""));
	assert_non_null(strstr(plan.jobs[1].data, "\"Bulb\""));
	assert_null(strstr(plan.jobs[1].data, "\"Rug\""));
	assert_non_null(strstr(plan.jobs[1].data, "],\"total\":" MONEY(2300) ","));
	assert_null(strstr(plan.jobs[1].data, BUYER));
	assert_null(strstr(plan.jobs[2].data, "\"Lamp\""));
	assert_non_null(strstr(plan.jobs[2].data, "],\"total\":" MONEY(5) ","));
}

static void
who_buys_from_themselves_gets_both_mails(void **state)
{
	struct plan plan;

	assert_err(ERR_OK,
	    plan_event(*state, "order.created",
		"{\"order\":{\"id\":\"" ORDER "\",\"number\":\"A1B2-C3D4\",\"buyer_id\":\"" ANNA
		"\",\"lines\":[" LINE(ANNA, "Lamp", 1, 1, 1) "],\"total\":" MONEY(1) "}}",
		&plan));
	assert_int_equal(plan.job_count, 2);
	assert_job(&plan, 0, "receipt", ANNA);
	assert_job(&plan, 1, "sold", ANNA);
}

static void
a_step_is_told_to_the_buyer_with_the_lines_it_moved(void **state)
{
	static const char *const types[][2] = {{"order.shipped", "shipped"},
	    {"order.delivered", "delivered"}, {"order.refunded", "refunded"}};

	for (size_t i = 0; i < 3; i++) {
		struct plan plan;

		assert_err(ERR_OK,
		    plan_event(
			*state, types[i][0], "{" TWO_LINES ",\"lines\":[\"" RUG "\"]}", &plan));
		assert_int_equal(plan.job_count, 1);
		assert_job(&plan, 0, types[i][1], BUYER);
		assert_null(strstr(plan.jobs[0].data, "Lamp"));
		assert_non_null(strstr(plan.jobs[0].data, "\"Rug\""));
		assert_non_null(
		    strstr(plan.jobs[0].data, "],\"total\":" MONEY(5) ",\"tracking\":\"RR7\"}"));
	}
}

static void
a_cancelled_order_is_told_to_the_buyer_whole(void **state)
{
	struct plan plan;

	assert_err(ERR_OK, plan_event(*state, "order.cancelled", "{" TWO_LINES "}", &plan));
	assert_int_equal(plan.job_count, 1);
	assert_job(&plan, 0, "cancelled", BUYER);
	assert_non_null(strstr(plan.jobs[0].data, "\"Lamp\""));
	assert_non_null(strstr(plan.jobs[0].data, "\"Rug\""));
	assert_non_null(strstr(plan.jobs[0].data, "],\"total\":" MONEY(2005) ","));
}

static void
events_that_concern_nobody_make_nothing(void **state)
{
	static const char *const types[] = {"item.updated", "item.deleted", "order.unheard_of",
	    "webhook.unheard_of", "user", "unknown"};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		struct plan plan;

		assert_err(ERR_OK, plan_event(*state, types[i], "{}", &plan));
		assert_false(plan.has_contact);
		assert_int_equal(plan.job_count, 0);
	}
}

static void
events_that_lack_what_they_promise_are_malformed(void **state)
{
	static const struct {
		const char *type, *data;
	} bad[] = {
	    {"user.registered", "{}"},
	    {"user.registered",
		"{\"user\":{\"id\":\"" ANNA "\",\"email\":\"a@b.c\",\"name\":\"A\"}}"},
	    {"user.registered",
		"{\"user\":{\"id\":\"x\",\"email\":\"a@b.c\",\"name\":\"A\"},"
		"\"verification_token\":\"t\"}"},
	    {"user.registered",
		"{\"user\":{\"id\":\"" ANNA "\",\"name\":\"A\"},"
		"\"verification_token\":\"t\"}"},
	    {"user.deleted", "{\"user\":[]}"},
	    {"user.updated", "{\"user\":{\"id\":\"" ANNA "\"}}"},
	    {"user.password_reset_requested", "{" USER(ANNA, "\"locale\":\"\"") "}"},
	    {"user.password_changed", "{" USER(ANNA, "\"locale\":\"\"") ",\"at\":\"today\"}"},
	    {"webhook.disabled",
		"{\"webhook\":{\"id\":\"" LAMP "\",\"url\":\"u\","
		"\"disabled_reason\":\"gone\"}}"},
	    {"order.shipped", "{" TWO_LINES ",\"lines\":[\"" BERT "\"]}"},
	    {"order.shipped", "{" TWO_LINES ",\"lines\":[7]}"},
	    {"item.created",
		"{\"item\":{\"id\":\"" ORDER "\",\"seller_id\":\"" ANNA "\","
		"\"name\":\"Lamp\",\"price\":{\"amount\":-1,\"currency\":\"EUR\"},"
		"\"stock\":7}}"},
	    {"item.created",
		"{\"item\":{\"id\":\"" ORDER "\",\"seller_id\":\"" ANNA "\","
		"\"name\":\"Lamp\",\"price\":{\"amount\":1,\"currency\":\"EURO\"},"
		"\"stock\":7}}"},
	    {"order.created", "{\"order\":{}}"},
	    {"order.created",
		"{\"order\":{\"id\":\"" ORDER "\",\"number\":\"1\",\"buyer_id\":\"" BUYER
		"\",\"lines\":[],\"total\":" MONEY(0) "}}"},
	    {"order.created",
		"{\"order\":{\"id\":\"" ORDER "\",\"number\":\"1\",\"buyer_id\":\"" BUYER
		"\",\"lines\":[7],\"total\":" MONEY(0) "}}"},
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct plan plan;

		assert_err(ERR_MALFORMED, plan_event(*state, bad[i].type, bad[i].data, &plan));
	}
}

static void
what_is_no_event_is_malformed(void **state)
{
	static const char *const bad[] = {"", "x", "[]", "{}", "{\"specversion\":\"1.0\"}", "\xff",
	    "{\"specversion\":\"1.0\",\"id\":\"7\",\"source\":\"/\",\"type\":\"a\",\"data\":{}}"};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct plan plan;

		assert_err(
		    ERR_MALFORMED, plan_make(*state, span_of(bad[i], strlen(bad[i])), &plan));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_registration_is_welcomed),
	    cmocka_unit_test(other_events_of_a_user_tell_the_address_alone),
	    cmocka_unit_test(a_deleted_user_leaves_no_address),
	    cmocka_unit_test(tokens_go_out_by_mail),
	    cmocka_unit_test(what_was_done_to_an_account_is_told_with_its_origin),
	    cmocka_unit_test(items_are_told_about_to_their_seller),
	    cmocka_unit_test(a_disabled_webhook_is_told_to_its_owner),
	    cmocka_unit_test(an_order_makes_a_receipt_and_one_mail_for_each_seller),
	    cmocka_unit_test(who_buys_from_themselves_gets_both_mails),
	    cmocka_unit_test(a_step_is_told_to_the_buyer_with_the_lines_it_moved),
	    cmocka_unit_test(a_cancelled_order_is_told_to_the_buyer_whole),
	    cmocka_unit_test(events_that_concern_nobody_make_nothing),
	    cmocka_unit_test(events_that_lack_what_they_promise_are_malformed),
	    cmocka_unit_test(what_is_no_event_is_malformed),
	};

	return cmocka_run_group_tests(tests, arena_start, arena_end);
}
