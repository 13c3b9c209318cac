#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/webhook_signature.h"

/* The vector that Standard Webhooks' own libraries are tested with. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char body[] = "{\"test\": 2432232314}";
static const char signature[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
#define TIMESTAMP 1614265330

static struct buf out;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

static enum err
sign(const char *with)
{
	return webhook_sign(with, id, TIMESTAMP, span_of(body, strlen(body)), &out);
}

static void
test_the_published_vector(void **state)
{
	(void)state;
	assert_err(ERR_OK, sign(secret));
	assert_string_equal(out.data, signature);
}

static void
test_the_prefix_may_be_missing(void **state)
{
	(void)state;
	assert_err(ERR_OK, sign(secret + strlen(WEBHOOK_SECRET_PREFIX)));
	assert_string_equal(out.data, signature);
}

static void
test_padding_is_no_part_of_the_key(void **state)
{
	(void)state;
	/* 25 and 26 bytes; made by another implementation. */
	assert_err(ERR_OK, sign("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA=="));
	assert_string_equal(out.data, "v1,O6Os8pxiEeEz61IPEK5SMabYPFAPKauQxtXWfFUPYSs=");
	buf_reset(&out);
	assert_err(ERR_OK, sign("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk="));
	assert_string_equal(out.data, "v1,4L1JzQSicGDT54ByGMLnQ+0O1h/ZQ+YbSl3K8DScfnc=");
}

static void
test_two_secrets_give_two_signatures(void **state)
{
	(void)state;
	assert_err(ERR_OK, sign("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA=="));
	assert_err(ERR_OK, sign(secret));
	assert_string_equal(strchr(out.data, ' ') + 1, signature);
}

static void
test_everything_is_signed(void **state)
{
	struct span other = span_of("{\"test\": 2432232315}", strlen(body));

	(void)state;
	assert_err(ERR_OK, webhook_sign(secret, id, TIMESTAMP, other, &out));
	assert_string_not_equal(out.data, signature);
	buf_reset(&out);
	other = span_of(body, strlen(body));
	assert_err(ERR_OK, webhook_sign(secret, id, TIMESTAMP + 1, other, &out));
	assert_string_not_equal(out.data, signature);
	buf_reset(&out);
	assert_err(
	    ERR_OK, webhook_sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJel", TIMESTAMP, other, &out));
	assert_string_not_equal(out.data, signature);
}

static void
test_what_is_no_secret_signs_nothing(void **state)
{
	static const char *const bad[] = {
	    "",
	    "whsec_",
	    "whsec_MfKQ",
	    "whsec_!fKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=",
	    /* 66 bytes */
	    "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		assert_err(ERR_CORRUPT, sign(bad[i]));
		assert_int_equal(out.len, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_the_published_vector),
	    TEST(test_the_prefix_may_be_missing),
	    TEST(test_padding_is_no_part_of_the_key),
	    TEST(test_two_secrets_give_two_signatures),
	    TEST(test_everything_is_signed),
	    TEST(test_what_is_no_secret_signs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
