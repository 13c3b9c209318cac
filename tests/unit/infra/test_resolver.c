#include <pthread.h>

#include "tests/unit/unit.h"

#include "shared/infra/resolver.h"

#define ASKERS 12

static int
make_resolver(void **state)
{
	return resolver_new((struct resolver **)state) == ERR_OK ? 0 : -1;
}

static int
free_resolver(void **state)
{
	resolver_free((struct resolver **)state);
	return 0;
}

static void
an_address_is_known_in_every_form(void **state)
{
	static const struct {
		const char *host, *what;
	} cases[] = {{"127.0.0.1", "a loopback address"}, {"127.1", "a loopback address"},
	    {"0x7f000001", "a loopback address"}, {"017700000001", "a loopback address"},
	    {"::1", "a loopback address"}, {"::ffff:10.0.0.1", "a private address"},
	    {"169.254.169.254", "a link-local address"}, {"fe80::1", "a link-local address"}};
	const char *what = "untouched";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		assert_true(resolver_is_address(cases[i].host, &what));
		assert_string_equal(what, cases[i].what);
	}
	assert_true(resolver_is_address("1.1.1.1", &what));
	assert_null(what);
	what = "untouched";
	assert_false(resolver_is_address("localhost", &what));
	assert_string_equal(what, "untouched");
}

static void
a_name_is_what_it_resolves_to(void **state)
{
	const struct deadline deadline = deadline_in(&clock_system, 60000);
	const char *what = NULL;

	assert_err(ERR_OK, resolver_check(*state, &deadline, "localhost", &what));
	assert_string_equal(what, "a loopback address");
	assert_err(ERR_OK, resolver_check(*state, &deadline, "1.1.1.1", &what));
	assert_null(what);
}

static void *
ask(void *resolver)
{
	const struct deadline deadline = deadline_in(&clock_system, 60000);
	const char *what = NULL;
	enum err err = resolver_check(resolver, &deadline, "localhost", &what);

	return err == ERR_OK || err == ERR_BUSY ? NULL : resolver;
}

static void
many_may_ask(void **state)
{
	pthread_t threads[ASKERS];
	void *failed;

	for (int i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, *state), 0);
	for (int i = 0; i < ASKERS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	a_name_is_what_it_resolves_to(state);
}

#define test(function) cmocka_unit_test_setup_teardown(function, make_resolver, free_resolver)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    test(an_address_is_known_in_every_form),
	    test(a_name_is_what_it_resolves_to),
	    test(many_may_ask),
	};

	return cmocka_run_group_tests_name("infra/resolver", tests, NULL, NULL);
}
