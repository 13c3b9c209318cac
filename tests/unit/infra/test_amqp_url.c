#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/amqp_url.h"

static void
one_address_is_taken_apart(void **state)
{
	struct amqp_host *hosts = NULL;
	size_t count;

	(void)state;
	assert_err(ERR_OK,
	    amqp_hosts_parse(
		"amqp://shop:s%40cret@mq.example.org:5680/my%2Fhost?heartbeat=7", &hosts, &count));
	assert_int_equal(count, 1);
	assert_string_equal(hosts[0].info.user, "shop");
	assert_string_equal(hosts[0].info.password, "s@cret");
	assert_string_equal(hosts[0].info.host, "mq.example.org");
	assert_int_equal(hosts[0].info.port, 5680);
	assert_string_equal(hosts[0].info.vhost, "my/host");
	assert_int_equal(hosts[0].heartbeat_s, 7);
	assert_false(hosts[0].info.ssl);
	amqp_hosts_free(&hosts, count);
	assert_null(hosts);
}

static void
what_is_left_out_has_defaults(void **state)
{
	static const char *const urls[] = {
	    "amqp://mq", "amqp://mq/", "amqp://mq/%2F", "amqp://mq:5672"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct amqp_host *hosts = NULL;
		size_t count;

		assert_err(ERR_OK, amqp_hosts_parse(urls[i], &hosts, &count));
		assert_string_equal(hosts[0].info.user, "guest");
		assert_string_equal(hosts[0].info.vhost, "/");
		assert_int_equal(hosts[0].info.port, 5672);
		assert_int_equal(hosts[0].heartbeat_s, 10);
		amqp_hosts_free(&hosts, count);
	}
}

static void
several_hosts_and_tls(void **state)
{
	struct amqp_host *hosts = NULL;
	size_t count;

	(void)state;
	assert_err(ERR_OK,
	    amqp_hosts_parse("amqps://a:b@one?cacertfile=/ca.pem&certfile=/c.pem&keyfile=/k.pem,"
			     "amqps://a:b@two:5699/?verify=verify_none",
		&hosts, &count));
	assert_int_equal(count, 2);
	assert_true(hosts[0].info.ssl);
	assert_int_equal(hosts[0].info.port, 5671);
	assert_string_equal(hosts[0].cacertfile, "/ca.pem");
	assert_string_equal(hosts[0].certfile, "/c.pem");
	assert_string_equal(hosts[0].keyfile, "/k.pem");
	assert_true(hosts[0].verify);
	assert_int_equal(hosts[1].info.port, 5699);
	assert_false(hosts[1].verify);
	amqp_hosts_free(&hosts, count);
}

static void
bad_addresses_are_refused(void **state)
{
	static const char *const urls[] = {"", "mq", "http://mq", "amqp://mq:port", "amqp://mq,",
	    "amqp://mq,,amqp://mq", "amqp://mq?heartbeat=0", "amqp://mq?heartbeat=x",
	    "amqp://mq?heartbeat", "amqp://mq?colour=red", "amqps://mq?certfile=/c.pem",
	    "amqps://mq?verify=maybe"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct amqp_host *hosts = NULL;
		size_t count;

		assert_err(ERR_CONFIG, amqp_hosts_parse(urls[i], &hosts, &count));
		assert_null(hosts);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_address_is_taken_apart),
	    cmocka_unit_test(what_is_left_out_has_defaults),
	    cmocka_unit_test(several_hosts_and_tls),
	    cmocka_unit_test(bad_addresses_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
