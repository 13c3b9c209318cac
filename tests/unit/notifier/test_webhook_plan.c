#include <string.h>

#include "tests/unit/arena_rig.h"

#include "notifier/webhook_plan.h"
#include "shared/base/str.h"

#define BUYER "01890000-0000-7000-8000-00000000000a"
#define ANNA  "01890000-0000-7000-8000-00000000000b"
#define BERT  "01890000-0000-7000-8000-00000000000c"
#define EVENT "01890000-0000-7000-8000-0000000000e1"
#define LAMP  "01890000-0000-7000-8000-0000000000f1"
#define DESK  "01890000-0000-7000-8000-0000000000f2"
#define SOFA  "01890000-0000-7000-8000-0000000000f3"

#define MONEY(amount) "{\"amount\":" amount ",\"currency\":\"EUR\"}"
#define LINE(item, seller, status, total)                                                          \
	"{\"item_id\":\"" item "\",\"seller_id\":\"" seller                                        \
	"\",\"name\":\"x\",\"unit_price\":" MONEY(total) ",\"quantity\":1,\"total\":" MONEY(       \
	    total) ",\"status\":\"" status "\",\"tracking\":null}"
#define ORDER(status, lines, total)                                                                \
	"{\"id\":\"" LAMP "\",\"number\":\"A1B2-C3D4\",\"buyer_id\":\"" BUYER                      \
	"\",\"status\":\"" status "\",\"lines\":[" lines                                           \
	"],\"total\":" MONEY(total) ",\"history\":[{\"status\":\"confirmed\","                     \
				    "\"at\":\"2026-01-02T03:04:05.678Z\",\"by\":null}],"           \
				    "\"created_at\":\"2026-01-02T03:04:05.678Z\","                 \
				    "\"updated_at\":\"2026-01-02T03:04:05.679Z\""
#define HEAD(type)                                                                                 \
	"{\"specversion\":\"1.0\",\"id\":\"" EVENT "\",\"source\":\"/items\",\"type\":\"" type     \
	"\",\"subject\":\"" LAMP "\",\"time\":\"2026-01-02T03:04:05.678Z\","                       \
	"\"datacontenttype\":\"application/json\",\"data\":"

struct made {
	struct event event;
	const struct webhook_copy *copies;
	size_t count;
};

static enum err
make(struct arena *scratch, const char *body, struct made *out)
{
	struct span span = span_of(body, strlen(body));

	assert_err(ERR_OK, event_parse(scratch, span, &out->event));
	return webhook_plan_make(scratch, &out->event, span, &out->copies, &out->count);
}

static const char *
body_for(const struct made *made, const char *owner)
{
	for (size_t i = 0; i < made->count; i++)
		if (str_equal(made->copies[i].owner_id.text, owner))
			return made->copies[i].body;
	return NULL;
}

static void
an_items_events_are_for_its_seller(void **state)
{
	static const char body[] =
	    HEAD("item.low_stock") "{\"item\":{\"id\":\"" LAMP "\",\"seller_id\":\"" ANNA
				   "\",\"stock\":1}}}";
	struct made made;

	assert_err(ERR_OK, make(*state, body, &made));
	assert_int_equal(made.count, 1);
	assert_string_equal(body_for(&made, ANNA), body);
	assert_ptr_equal(made.copies[0].head, &made.event.head);
}

static void
the_buyer_gets_all_and_each_seller_their_own(void **state)
{
	static const char body[] = HEAD("order.created") "{\"order\":" ORDER("confirmed",
	    LINE(LAMP, ANNA, "confirmed", "100") "," LINE(DESK, BERT, "confirmed", "20") "," LINE(
		SOFA, ANNA, "confirmed", "3"),
	    "123") ",\"secret\":1}}}";
	static const char annas[] = HEAD("order.created") "{\"order\":" ORDER("confirmed",
	    LINE(LAMP, ANNA, "confirmed", "100") "," LINE(SOFA, ANNA, "confirmed", "3"),
	    "103") "}}}";
	static const char berts[] = HEAD("order.created") "{\"order\":" ORDER(
	    "confirmed", LINE(DESK, BERT, "confirmed", "20"), "20") "}}}";
	struct made made;

	assert_err(ERR_OK, make(*state, body, &made));
	assert_int_equal(made.count, 3);
	assert_string_equal(body_for(&made, BUYER), body);
	assert_string_equal(body_for(&made, ANNA), annas);
	assert_string_equal(body_for(&made, BERT), berts);
}

static void
who_buys_from_themselves_gets_the_whole_once(void **state)
{
	static const char body[] = HEAD("order.created") "{\"order\":" ORDER("confirmed",
	    LINE(LAMP, BUYER, "confirmed", "1") "," LINE(DESK, ANNA, "confirmed", "2"), "3") "}}}";
	struct made made;

	assert_err(ERR_OK, make(*state, body, &made));
	assert_int_equal(made.count, 2);
	assert_string_equal(body_for(&made, BUYER), body);
	assert_non_null(body_for(&made, ANNA));
}

/* The whole order is shipped no further than Bert's line. */
static void
a_step_is_told_to_the_sellers_whose_lines_it_moved(void **state)
{
	static const char body[] = HEAD("order.shipped") "{\"order\":" ORDER("confirmed",
	    LINE(LAMP, ANNA, "shipped", "1") "," LINE(DESK, BERT, "confirmed", "2") "," LINE(
		SOFA, ANNA, "refunded", "4"),
	    "7") "},\"lines\":[\"" LAMP "\"]}}";
	static const char annas[] = HEAD("order.shipped") "{\"order\":" ORDER("shipped",
	    LINE(LAMP, ANNA, "shipped", "1") "," LINE(SOFA, ANNA, "refunded", "4"),
	    "5") "},\"lines\":[\"" LAMP "\"]}}";
	struct made made;

	assert_err(ERR_OK, make(*state, body, &made));
	assert_int_equal(made.count, 2);
	assert_string_equal(body_for(&made, BUYER), body);
	assert_string_equal(body_for(&made, ANNA), annas);
}

static void
a_sellers_status_follows_from_their_lines(void **state)
{
	static const struct {
		const char *one, *other, *status;
	} cases[] = {
	    {"confirmed", "delivered", "confirmed"},
	    {"delivered", "shipped", "shipped"},
	    {"delivered", "refunded", "delivered"},
	    {"cancelled", "refunded", "refunded"},
	    {"refunded", "refunded", "refunded"},
	    {"cancelled", "cancelled", "cancelled"},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const char *body = arena_printf(*state,
		    HEAD("order.refunded") "{\"order\":" ORDER("whatever",
			LINE(LAMP, ANNA, "%s", "1") "," LINE(DESK, ANNA, "%s", "2"), "3") "}}}",
		    cases[i].one, cases[i].other);
		struct made made;

		assert_err(ERR_OK, make(*state, body, &made));
		assert_non_null(strstr(body_for(&made, ANNA),
		    arena_printf(*state, "\"buyer_id\":\"" BUYER "\",\"status\":\"%s\",\"lines\"",
			cases[i].status)));
	}
}

static void
what_is_too_large_for_a_webhook_is_left_out(void **state)
{
	static const char start[] =
	    HEAD("item.created") "{\"item\":{\"seller_id\":\"" ANNA "\",\"description\":\"";
	static const char end[] = "\"}}}";
	size_t fits = WEBHOOK_BODY_MAX - (sizeof(start) - 1) - (sizeof(end) - 1);
	char text[WEBHOOK_BODY_MAX];
	struct made made;

	memset(text, 'x', sizeof(text));
	assert_err(ERR_OK,
	    make(*state, arena_printf(*state, "%s%.*s%s", start, (int)fits, text, end), &made));
	assert_int_equal(strlen(body_for(&made, ANNA)), WEBHOOK_BODY_MAX);
	assert_err(ERR_OK,
	    make(*state, arena_printf(*state, "%s%.*s%s", start, (int)fits + 1, text, end), &made));
	assert_int_equal(made.count, 1);
	assert_null(made.copies[0].body);
}

static void
other_events_are_for_no_webhook(void **state)
{
	static const char *const cases[] = {
	    HEAD("user.registered") "{\"user\":{\"id\":\"" ANNA "\"}}}",
	    HEAD("webhook.disabled") "{\"owner_id\":\"" ANNA "\"}}",
	    HEAD("order.painted") "{\"order\":{}}}",
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct made made;

		assert_err(ERR_OK, make(*state, cases[i], &made));
		assert_int_equal(made.count, 0);
	}
}

static void
an_event_that_lacks_its_parts_is_refused(void **state)
{
	static const char *const cases[] = {
	    HEAD("item.created") "{}}",
	    HEAD("item.created") "{\"item\":{}}}",
	    HEAD("item.created") "{\"item\":{\"seller_id\":\"x\"}}}",
	    HEAD("order.created") "{}}",
	    HEAD("order.created") "{\"order\":{\"buyer_id\":\"" BUYER "\"}}}",
	    HEAD("order.created") "{\"order\":{\"buyer_id\":\"" BUYER "\",\"lines\":[]}}}",
	    HEAD("order.created") "{\"order\":{\"buyer_id\":\"" BUYER "\",\"lines\":[{}]}}}",
	    HEAD("order.created") "{\"order\":{\"buyer_id\":\"" BUYER
				  "\",\"lines\":[{\"item_id\":\"" LAMP "\",\"seller_id\":\"" ANNA
				  "\",\"total\":" MONEY("1") "}]}}}",
	    HEAD("order.created") "{\"order\":" ORDER("confirmed",
		LINE(LAMP, ANNA, "confirmed", "1000000000000") "," LINE(
		    DESK, ANNA, "confirmed", "1"),
		"1") "}}}",
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct made made = {.count = 99};

		assert_err(ERR_MALFORMED, make(*state, cases[i], &made));
		assert_int_equal(made.count, 99);
	}
}

#define test(function) cmocka_unit_test_setup_teardown(function, arena_start, arena_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(an_items_events_are_for_its_seller),
	    test(the_buyer_gets_all_and_each_seller_their_own),
	    test(who_buys_from_themselves_gets_the_whole_once),
	    test(a_step_is_told_to_the_sellers_whose_lines_it_moved),
	    test(a_sellers_status_follows_from_their_lines),
	    test(what_is_too_large_for_a_webhook_is_left_out),
	    test(other_events_are_for_no_webhook),
	    test(an_event_that_lacks_its_parts_is_refused),
	};

	return cmocka_run_group_tests_name("notifier/webhook_plan", tests, NULL, NULL);
}
