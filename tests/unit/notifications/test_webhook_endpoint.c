#include "tests/unit/unit.h"

#include "fcgi/notifications/webhook_endpoint.h"
#include "shared/base/str.h"
#include "shared/infra/resolver.h"

static struct arena *arena;
static struct resolver *resolver;
static struct deadline deadline;
static struct fault fault;

static const struct webhook_settings strict = {.allow_http = false};
static const struct webhook_settings http = {.allow_http = true};
static const struct webhook_settings lax = {.allow_http = true, .allow_private = true};

static int
set_up(void **state)
{
	(void)state;
	deadline = deadline_in(&clock_system, 60000);
	if (arena_new((size_t)64 * 1024, &arena) != ERR_OK || resolver_new(&resolver) != ERR_OK)
		return -1;
	fault_init(&fault, arena);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	resolver_free(&resolver);
	return 0;
}

/* The code of what is wrong, or "fits". */
static const char *
judge(const struct webhook_settings *settings, const char *url)
{
	enum field_code code;
	const char *detail = NULL;

	if (webhook_endpoint_fits(settings, url, arena, &code, &detail))
		return "fits";
	assert_non_null(detail);
	return field_code_text(code);
}

static void
only_https_unless_told(void **state)
{
	(void)state;
	assert_string_equal(judge(&strict, "https://example.org/a?b=c"), "fits");
	assert_string_equal(judge(&strict, "https://example.org:8443"), "fits");
	assert_string_equal(judge(&strict, "http://example.org/"), "not_allowed");
	assert_string_equal(judge(&http, "http://example.org/"), "fits");
	assert_string_equal(judge(&lax, "ftp://example.org/"), "bad_format");
	assert_string_equal(judge(&lax, "https://me@example.org/"), "not_allowed");
	assert_string_equal(judge(&lax, "https://example.org/#top"), "not_allowed");
}

static void
an_address_must_be_public(void **state)
{
	static const char *const cases[] = {"https://127.0.0.1/", "https://127.1/",
	    "https://0x7f.1/", "https://2130706433/", "https://0/", "https://10.1.2.3:8080/",
	    "https://169.254.169.254/latest/meta-data/", "https://192.168.0.1/", "https://[::1]/",
	    "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[fd00:ec2::254]/",
	    "https://[fe80::1]/", "https://[2002:7f00:1::]/", "https://127.0.0.1./"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (!str_equal(judge(&strict, cases[i]), "not_allowed"))
			fail_msg("%s: %s", cases[i], judge(&strict, cases[i]));
		assert_string_equal(judge(&lax, cases[i]), "fits");
	}
	assert_string_equal(judge(&strict, "https://1.1.1.1/"), "fits");
	assert_string_equal(judge(&strict, "https://[2606:4700::1111]/"), "fits");
}

static void
a_name_must_not_lead_home(void **state)
{
	const struct call call = {.arena = arena, .deadline = &deadline, .fault = &fault};

	(void)state;
	assert_string_equal(judge(&strict, "https://localhost/"), "fits");
	assert_err(ERR_VALIDATION,
	    webhook_endpoint_check(&call, &strict, resolver, "https://localhost:8080/x"));
	assert_string_equal(fault.first->where, "/url");
	assert_string_equal(field_code_text(fault.first->code), "not_allowed");
	assert_string_equal(fault.first->detail, "Its host has a loopback address at this moment.");
	assert_err(ERR_OK, webhook_endpoint_check(&call, &lax, resolver, "https://localhost/"));
}

static void
what_is_not_known_today_may_be_tomorrow(void **state)
{
	const struct call call = {.arena = arena, .deadline = &deadline, .fault = &fault};

	(void)state;
	assert_err(ERR_OK,
	    webhook_endpoint_check(&call, &strict, resolver, "https://no.such.host.invalid/"));
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(only_https_unless_told),
	    test(an_address_must_be_public),
	    test(a_name_must_not_lead_home),
	    test(what_is_not_known_today_may_be_tomorrow),
	};

	return cmocka_run_group_tests_name("notifications/webhook_endpoint", tests, NULL, NULL);
}
