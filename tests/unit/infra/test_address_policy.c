#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/unit/unit.h"

#include "shared/infra/address_policy.h"

static const char *
refuses(const char *text)
{
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1)
		return address_policy_refuses((const struct sockaddr *)&ipv4);
	assert_int_equal(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
	return address_policy_refuses((const struct sockaddr *)&ipv6);
}

/* Just outside of each range, so that one that is too wide shows. */
static void
public_addresses_are_let_through(void **state)
{
	static const char *const cases[] = {"1.0.0.0", "1.1.1.1", "9.255.255.255", "11.0.0.0",
	    "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "168.63.129.15",
	    "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
	    "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.31.195.255", "192.31.197.0",
	    "192.52.192.255", "192.52.194.0", "192.88.98.255", "192.88.100.0", "192.167.255.255",
	    "192.169.0.0", "192.175.47.255", "192.175.49.0", "198.17.255.255", "198.20.0.0",
	    "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
	    "2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::1", "2003::1",
	    "2606:4700::1111", "2620:4f:7fff::1", "2620:4f:8001::1", "2a00:1450::1", "3fff:1000::1",
	    "3ffe:ffff::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (refuses(cases[i]) != NULL)
			fail_msg("%s is refused as %s", cases[i], refuses(cases[i]));
}

/* First and last of each range. */
static void
special_addresses_are_refused(void **state)
{
	static const char *const cases[] = {"0.0.0.0", "0.255.255.255", "10.0.0.0",
	    "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255", "127.0.0.0",
	    "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.0.0", "169.254.169.254",
	    "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192",
	    "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.31.196.0", "192.52.193.255",
	    "192.88.99.1", "192.168.0.0", "192.168.255.255", "192.175.48.1", "198.18.0.0",
	    "198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255",
	    "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255", "::", "::1", "::2",
	    "::7f00:1", "::ffff:0:7f00:1", "100::1", "100:0:0:1::1", "64:ff9b:1::1", "2001::1",
	    "2001:2::1", "2001:10::1", "2001:1ff:ffff::1", "2001:db8::", "2001:db8:ffff::1",
	    "2002:7f00:1::1", "2002:101:101::1", "2620:4f:8000::1", "3fff::1", "3fff:fff::1",
	    "4000::1", "5f00::1", "1fff::1", "fbff::1", "fc00::1", "fd00:ec2::254", "fdff::1",
	    "fe80::1", "febf::1", "fec0::1", "ff02::1", "ffff::1"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (refuses(cases[i]) == NULL)
			fail_msg("%s is let through", cases[i]);
}

static void
an_ipv4_address_is_known_in_its_ipv6_clothes(void **state)
{
	(void)state;
	assert_string_equal(refuses("::ffff:127.0.0.1"), "a loopback address");
	assert_string_equal(refuses("::ffff:169.254.169.254"), "a link-local address");
	assert_string_equal(refuses("64:ff9b::10.0.0.1"), "a private address");
	assert_string_equal(refuses("64:ff9b::127.0.0.1"), "a loopback address");
}

static void
it_is_told_what_an_address_is(void **state)
{
	(void)state;
	assert_string_equal(refuses("127.0.0.1"), "a loopback address");
	assert_string_equal(refuses("::1"), "a loopback address");
	assert_string_equal(refuses("0.0.0.0"), "an unspecified address");
	assert_string_equal(refuses("::"), "an unspecified address");
	assert_string_equal(refuses("192.168.1.1"), "a private address");
	assert_string_equal(refuses("fd00::1"), "a private address");
	assert_string_equal(refuses("fe80::1"), "a link-local address");
	assert_string_equal(refuses("224.0.0.1"), "a multicast address");
	assert_string_equal(refuses("ff02::1"), "a multicast address");
}

static void
other_families_are_refused(void **state)
{
	const struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};

	(void)state;
	assert_non_null(address_policy_refuses((const struct sockaddr *)&local));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(public_addresses_are_let_through),
	    cmocka_unit_test(special_addresses_are_refused),
	    cmocka_unit_test(an_ipv4_address_is_known_in_its_ipv6_clothes),
	    cmocka_unit_test(it_is_told_what_an_address_is),
	    cmocka_unit_test(other_families_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
