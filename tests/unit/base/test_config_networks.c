#include "tests/unit/unit.h"

#include "shared/base/config_networks.h"

static void
lists_of_networks_are_taken(void **state)
{
	static const char *const cases[] = {
	    "",
	    "127.0.0.0/8",
	    "127.0.0.1",
	    "::1",
	    "127.0.0.0/8,::1/128",
	    "10.0.0.0/8, fd00::/8 , 192.168.1.1",
	    "0.0.0.0/0",
	    "::/0",
	    "::ffff:10.0.0.0/104",
	    "10.1.2.3/8", /* bits behind the prefix are ignored */
	    "1111:2222:3333:4444:5555:6666:123.123.123.123/128",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_err(ERR_OK, config_networks_check(cases[i]));
}

static void
what_is_no_network_is_malformed(void **state)
{
	static const char *const cases[] = {
	    " ",
	    ",",
	    "127.0.0.1,",
	    ",127.0.0.1",
	    "127.0.0.1,,::1",
	    "localhost",
	    "10.0.0",
	    "10.0.0.256",
	    "10.0.0.0/",
	    "10.0.0.0/33",
	    "10.0.0.0/-1",
	    "10.0.0.0/08",
	    "10.0.0.0/8/8",
	    "10.0.0.0 /8",
	    "::/129",
	    "::1%lo",
	    "[::1]",
	    "10.0.0.0/8;127.0.0.1",
	    "10.0.0.0/000000000000000000000000000000000000000000000000000000000000000000008",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_err(ERR_MALFORMED, config_networks_check(cases[i]));
}

static void
addresses_are_looked_up_by_prefix(void **state)
{
	static const struct {
		const char *networks, *address;
		bool held;
	} cases[] = {
	    {"", "127.0.0.1", false},
	    {"127.0.0.0/8", "127.255.255.255", true},
	    {"127.0.0.0/8", "128.0.0.0", false},
	    {"10.1.2.3/8", "10.9.9.9", true},
	    {"10.0.0.1", "10.0.0.1", true},
	    {"10.0.0.1", "10.0.0.2", false},
	    {"10.0.0.128/25", "10.0.0.128", true},
	    {"10.0.0.128/25", "10.0.0.127", false},
	    {"10.0.0.0/31", "10.0.0.1", true},
	    {"10.0.0.0/31", "10.0.0.2", false},
	    {"172.16.0.0/12", "172.31.255.255", true},
	    {"172.16.0.0/12", "172.32.0.0", false},
	    {"0.0.0.0/0", "8.8.8.8", true},
	    {"fd00::/8", "fdff::1", true},
	    {"fd00::/8", "fe00::1", false},
	    {"2001:db8::/33", "2001:db8:7fff::", true},
	    {"2001:db8::/33", "2001:db8:8000::", false},
	    {"::1/128", "::1", true},
	    {"::1", "0:0:0:0:0:0:0:1", true},
	    {"192.168.0.0/16, ::1 ,10.0.0.0/8", "10.0.0.1", true},
	    {"192.168.0.0/16, ::1 ,10.0.0.0/8", "::1", true},
	    {"192.168.0.0/16, ::1 ,10.0.0.0/8", "11.0.0.1", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_int_equal(
		    config_networks_contain(cases[i].networks, cases[i].address), cases[i].held);
}

/* A socket that listens on [::] names its IPv4 clients so. */
static void
an_ipv4_mapped_address_is_the_ipv4_address(void **state)
{
	(void)state;
	assert_true(config_networks_contain("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_true(config_networks_contain("10.0.0.0/8", "::ffff:a01:203"));
	assert_false(config_networks_contain("10.0.0.0/8", "::ffff:11.1.2.3"));
	assert_true(config_networks_contain("::ffff:10.0.0.0/104", "10.1.2.3"));
	assert_false(config_networks_contain("10.0.0.0/8", "::10.1.2.3"));
}

static void
the_families_do_not_mix(void **state)
{
	(void)state;
	assert_false(config_networks_contain("::/0", "10.0.0.1"));
	assert_false(config_networks_contain("::/0", "::ffff:10.0.0.1"));
	assert_false(config_networks_contain("0.0.0.0/0", "::1"));
	assert_true(config_networks_contain("::/0", "2001:db8::1"));
}

static void
bad_addresses_are_in_no_network(void **state)
{
	static const char *const cases[] = {
	    "", "unknown", "10.0.0.1:80", "[::1]", "10.0.0.1 ", "10.0.0.1/32", "fe80::1%eth0"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		assert_false(config_networks_contain("0.0.0.0/0,::/0", cases[i]));
}

static void
a_bad_part_of_a_list_holds_nothing_and_hides_nothing(void **state)
{
	(void)state;
	assert_false(config_networks_contain("10.0.0.0/99", "10.0.0.1"));
	assert_true(config_networks_contain("nonsense,10.0.0.0/8", "10.0.0.1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_of_networks_are_taken),
	    cmocka_unit_test(what_is_no_network_is_malformed),
	    cmocka_unit_test(addresses_are_looked_up_by_prefix),
	    cmocka_unit_test(an_ipv4_mapped_address_is_the_ipv4_address),
	    cmocka_unit_test(the_families_do_not_mix),
	    cmocka_unit_test(bad_addresses_are_in_no_network),
	    cmocka_unit_test(a_bad_part_of_a_list_holds_nothing_and_hides_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
