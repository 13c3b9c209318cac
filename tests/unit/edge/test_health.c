#include <stdio.h>

#include "tests/unit/edge/rig.h"

#include "shared/base/log.h"
#include "shared/edge/health.h"

struct app {
	bool broken;
};

static enum err
check_one(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)app;
	(void)worker;
	(void)deadline;
	(void)snprintf(detail, HEALTH_DETAIL_SIZE, "behind by \"2\" s");
	return ERR_OK;
}

static enum err
check_two(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)worker;
	(void)deadline;
	(void)detail;
	return app->broken ? ERR_DEADLINE : ERR_OK;
}

static const struct health_check checks[] = {
    {"one", check_one},
    {"two", check_two},
    {NULL, NULL},
};

static void
all_checks_are_told(void **state)
{
	struct deadline deadline = deadline_in(&clock_system, 1000);
	struct app app = {.broken = false};

	(void)state;
	assert_err(ERR_OK, health_ready(checks, &app, NULL, &deadline, "", &rig.buf));
	assert_string_equal(rig.buf.data,
	    "{\"status\":\"ok\",\"checks\":[{\"name\":\"one\",\"ok\":true,"
	    "\"detail\":\"behind by \\\"2\\\" s\"},{\"name\":\"two\",\"ok\":true}]}");
	buf_reset(&rig.buf);
	app.broken = true;
	log_init("test", LOG_ERROR, 2);
	assert_err(ERR_UNAVAILABLE, health_ready(checks, &app, NULL, &deadline, "", &rig.buf));
	assert_non_null(strstr(rig.buf.data, "{\"status\":\"unavailable\","));
	assert_non_null(strstr(rig.buf.data, "{\"name\":\"two\",\"ok\":false}"));
	assert_non_null(strstr(rig.buf.data, "{\"name\":\"one\",\"ok\":true,"));
}

static void
an_excluded_check_is_told_and_does_not_count(void **state)
{
	struct deadline deadline = deadline_in(&clock_system, 1000);
	struct app app = {.broken = true};

	(void)state;
	log_init("test", LOG_ERROR, 2);
	assert_err(ERR_OK, health_ready(checks, &app, NULL, &deadline, "one,two", &rig.buf));
	assert_non_null(strstr(rig.buf.data, "{\"status\":\"ok\","));
	assert_non_null(strstr(rig.buf.data, "{\"name\":\"two\",\"ok\":false}"));
	buf_reset(&rig.buf);
	assert_err(ERR_UNAVAILABLE, health_ready(checks, &app, NULL, &deadline, "one", &rig.buf));
	assert_true(health_excludes("a,two", "two"));
	assert_true(health_excludes("two", "two"));
	assert_false(health_excludes("tw,twos,,atwo", "two"));
	assert_false(health_excludes("", "two"));
}

static void
without_checks_it_is_ready(void **state)
{
	struct deadline deadline = deadline_in(&clock_system, 1000);

	(void)state;
	assert_err(ERR_OK, health_ready(NULL, NULL, NULL, &deadline, "", &rig.buf));
	assert_string_equal(rig.buf.data, "{\"status\":\"ok\",\"checks\":[]}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    rig_test(all_checks_are_told),
	    rig_test(an_excluded_check_is_told_and_does_not_count),
	    rig_test(without_checks_it_is_ready),
	};

	return cmocka_run_group_tests_name("edge/health", tests, NULL, NULL);
}
