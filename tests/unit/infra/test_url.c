#include <string.h>

#include "tests/unit/unit.h"

#include "shared/infra/url.h"

static void
a_url_is_taken_apart(void **state)
{
	static const struct {
		const char *text, *host;
		bool https, has_user, has_fragment;
	} cases[] = {
	    {"https://example.org", "example.org", true, false, false},
	    {"http://example.org/a/b?c=d", "example.org", false, false, false},
	    {"HTTPS://Example.ORG:8443/", "example.org", true, false, false},
	    {"https://user@example.org/", "example.org", true, true, false},
	    {"https://user:word@example.org/", "example.org", true, true, false},
	    {"https://:word@example.org/", "example.org", true, true, false},
	    {"https://example.org/#", "example.org", true, false, true},
	    {"https://example.org/a#b", "example.org", true, false, true},
	    {"https://127.0.0.1:80/", "127.0.0.1", true, false, false},
	    {"https://[::1]:80/", "::1", true, false, false},
	    {"https://[::FFFF:127.0.0.1]/", "::ffff:127.0.0.1", true, false, false},
	    /* As libcurl calls it, whatever it is written like. */
	    {"https://0x7f.1/", "127.0.0.1", true, false, false},
	    {"https://2130706433/", "127.0.0.1", true, false, false},
	    {"https://example.org@127.0.0.1/", "127.0.0.1", true, true, false},
	    {"https://example.org./", "example.org", true, false, false},
	    {"https://example%2eorg/", "example.org", true, false, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct url url;

		assert_err(ERR_OK, url_parse(cases[i].text, &url));
		assert_string_equal(url.host, cases[i].host);
		assert_int_equal(url.https, cases[i].https);
		assert_int_equal(url.has_user, cases[i].has_user);
		assert_int_equal(url.has_fragment, cases[i].has_fragment);
	}
}

static void
what_is_no_url_of_the_web_is_refused(void **state)
{
	static const char *const cases[] = {"", "example.org", "/path", "https:", "https://",
	    "https:///path", "https:/example.org", "ftp://example.org", "file:///etc/passwd",
	    "gopher://example.org", "javascript:alert(1)", "https://exa mple.org", "https://a b/",
	    "https://example.org/a b", "https://example.org:99999/", "https://example.org:x/",
	    "https://[::1/", "https://[zz]/", "https://ex\xC3\xA4mple.org", "https://a\nb/",
	    " https://example.org", "https://%00/"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct url url;

		if (url_parse(cases[i], &url) != ERR_MALFORMED)
			fail_msg("%s is taken", cases[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_url_is_taken_apart),
	    cmocka_unit_test(what_is_no_url_of_the_web_is_refused),
	};

	return cmocka_run_group_tests_name("infra/url", tests, NULL, NULL);
}
