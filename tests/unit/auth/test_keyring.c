#include <pthread.h>
#include <string.h>

#include "tests/unit/unit.h"

#include "fcgi/auth/keyring.h"
#include "shared/base/log.h"
#include "tests/unit/auth/key_folder.h"

#define DELAY_MS 10000
#define START_S  1800000000

static struct key_folder folder;
static struct keyring *keyring;
static int64_t now_ms;
static char old_id[JWT_KEY_ID_SIZE];
static char new_id[JWT_KEY_ID_SIZE];

static int64_t
fake_ms(void *context)
{
	return *(int64_t *)context;
}

static const struct clock fake = {fake_ms, fake_ms, &now_ms};

static int
setup(void **state)
{
	(void)state;
	log_init("test", LOG_ERROR + 1, 2);
	now_ms = (int64_t)START_S * 1000;
	key_folder_new(&folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	keyring_free(&keyring);
	keyring_free(&keyring);
	key_folder_remove(&folder);
	return 0;
}

static enum err
open_keyring(void)
{
	return keyring_new(folder.path, DELAY_MS, &fake, &keyring);
}

static void
expect(size_t count, const char *signer)
{
	auto_key_loan struct key_loan loan = keyring_take(keyring);

	assert_int_equal(jwt_key_set_count(loan.keys->set), count);
	if (signer == NULL)
		assert_null(loan.keys->signer);
	else
		assert_string_equal(jwt_key_id(loan.keys->signer), signer);
}

static void
test_the_only_key_signs_at_once(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S, old_id);
	assert_err(ERR_OK, open_keyring());
	expect(1, old_id);
	assert_int_equal(keyring_count(keyring), 1);
}

static void
test_a_new_key_is_published_first_and_signs_later(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 1000, old_id);
	assert_err(ERR_OK, open_keyring());
	key_folder_add(&folder, "b.pem", START_S + 1, new_id);
	expect(1, old_id); /* not looked at yet */
	now_ms += KEYRING_LOOK_MS;
	expect(2, old_id); /* published: its time is START_S + 1 */
	now_ms = (int64_t)START_S * 1000 + 1000 + DELAY_MS - 1;
	expect(2, old_id);
	now_ms += KEYRING_LOOK_MS;
	expect(2, new_id);
}

/* Copied with its time of long ago: it was published nowhere before. */
static void
test_a_restart_trusts_the_files_time(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 1000, old_id);
	key_folder_add(&folder, "b.pem", START_S - 5, new_id);
	assert_err(ERR_OK, open_keyring());
	expect(2, old_id);
	now_ms += 5000;
	expect(2, new_id);
}

static void
test_a_time_to_come_counts_as_now(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 1000, old_id);
	key_folder_add(&folder, "b.pem", START_S + 1000000, new_id);
	assert_err(ERR_OK, open_keyring());
	expect(2, old_id);
	now_ms += DELAY_MS;
	expect(2, new_id);
}

/* As a mounted secret has it: all its files change at once, and so do their times. */
static void
test_times_that_are_all_alike_leave_it_to_the_names(void **state)
{
	(void)state;
	key_folder_add(&folder, "b.pem", START_S, new_id);
	key_folder_add(&folder, "a.pem", START_S, old_id);
	assert_err(ERR_OK, open_keyring());
	expect(2, old_id); /* none is old enough: the one that others know best */
	now_ms += DELAY_MS;
	expect(2, new_id);
}

/* A known key keeps the time of its publication when its file is written anew. */
static void
test_a_file_written_anew_is_no_new_key(void **state)
{
	char pem[4096];
	FILE *file;
	size_t len;

	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	key_folder_add(&folder, "b.pem", START_S - 1000, new_id);
	file = fopen(key_folder_file(&folder, "b.pem"), "r");
	assert_non_null(file);
	len = fread(pem, 1, sizeof(pem), file);
	assert_int_equal(fclose(file), 0);
	assert_err(ERR_OK, open_keyring());
	key_folder_write(&folder, "b.pem", span_of(pem, len), START_S);
	now_ms += KEYRING_LOOK_MS;
	expect(2, new_id);
}

static void
test_a_file_that_goes_takes_its_key_along(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	key_folder_add(&folder, "b.pem", START_S - 1000, new_id);
	assert_err(ERR_OK, open_keyring());
	expect(2, new_id);
	key_folder_drop(&folder, "b.pem");
	now_ms += KEYRING_LOOK_MS;
	expect(1, old_id);
	key_folder_drop(&folder, "a.pem");
	now_ms += KEYRING_LOOK_MS;
	expect(0, NULL);
	key_folder_add(&folder, "c.pem", START_S, new_id);
	now_ms += KEYRING_LOOK_MS;
	expect(1, new_id);
}

static void
test_a_bad_file_is_passed_over_while_running(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	assert_err(ERR_OK, open_keyring());
	key_folder_write(&folder, "b.pem", span_of("half a k", 8), START_S);
	key_folder_write(&folder, "c.pem", span_of("", 0), START_S);
	now_ms += KEYRING_LOOK_MS;
	expect(1, old_id);
	now_ms += DELAY_MS;
	expect(1, old_id);
}

static void
test_a_folder_that_can_not_be_read_changes_nothing(void **state)
{
	char moved[80];

	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	assert_err(ERR_OK, open_keyring());
	(void)snprintf(moved, sizeof(moved), "%s.moved", folder.path);
	assert_int_equal(rename(folder.path, moved), 0);
	now_ms += KEYRING_LOOK_MS;
	expect(1, old_id);
	assert_int_equal(rename(moved, folder.path), 0);
}

static void
test_other_files_are_none_of_its_business(void **state)
{
	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	key_folder_write(&folder, ".b.pem", span_of("x", 1), START_S);
	key_folder_write(&folder, "README", span_of("x", 1), START_S);
	key_folder_write(&folder, ".pem", span_of("x", 1), START_S);
	assert_int_equal(mkdir(key_folder_file(&folder, "d.pem"), 0700), 0);
	assert_err(ERR_OK, open_keyring());
	expect(1, old_id);
}

static void
test_a_start_is_strict(void **state)
{
	(void)state;
	assert_err(ERR_CONFIG, open_keyring()); /* an empty folder */
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	key_folder_write(&folder, "b.pem", span_of("", 0), START_S);
	assert_err(ERR_CONFIG, open_keyring()); /* an empty file */
	key_folder_drop(&folder, "b.pem");
	for (int i = 0; i < JWT_KEYS_MAX; i++) {
		char name[24];

		(void)snprintf(name, sizeof(name), "k%d.pem", i);
		key_folder_add(&folder, name, START_S, new_id);
	}
	assert_err(ERR_CONFIG, open_keyring()); /* too many */
	assert_err(ERR_CONFIG, keyring_new("/nonexistent", 0, &fake, &keyring));
	assert_null(keyring);
}

static void
test_a_loan_outlives_its_keys(void **state)
{
	struct key_loan loan;

	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	assert_err(ERR_OK, open_keyring());
	loan = keyring_take(keyring);
	key_folder_add(&folder, "b.pem", START_S - 1000, new_id);
	key_folder_drop(&folder, "a.pem");
	now_ms += KEYRING_LOOK_MS;
	expect(1, new_id);
	assert_string_equal(jwt_key_id(loan.keys->signer), old_id);
	keyring_give(&loan);
	keyring_give(&loan);
}

static void *
take_often(void *context)
{
	(void)context;
	for (int i = 0; i < 2000; i++) {
		auto_key_loan struct key_loan loan = keyring_take(keyring);

		if (loan.keys->signer != NULL)
			(void)strlen(jwt_key_id(loan.keys->signer));
	}
	return NULL;
}

static int64_t
step_ms(void *context)
{
	(void)context;
	return __atomic_add_fetch(&now_ms, 100, __ATOMIC_SEQ_CST);
}

static void
test_readers_beside_changes(void **state)
{
	static const struct clock running = {step_ms, step_ms, NULL};
	pthread_t threads[4];

	(void)state;
	key_folder_add(&folder, "a.pem", START_S - 2000, old_id);
	assert_err(ERR_OK, keyring_new(folder.path, DELAY_MS, &running, &keyring));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_often, NULL), 0);
	for (int i = 0; i < 20; i++) {
		key_folder_add(&folder, "b.pem", START_S + i, new_id);
		key_folder_drop(&folder, "b.pem");
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(test_the_only_key_signs_at_once),
	    TEST(test_a_new_key_is_published_first_and_signs_later),
	    TEST(test_a_restart_trusts_the_files_time),
	    TEST(test_a_time_to_come_counts_as_now),
	    TEST(test_times_that_are_all_alike_leave_it_to_the_names),
	    TEST(test_a_file_written_anew_is_no_new_key),
	    TEST(test_a_file_that_goes_takes_its_key_along),
	    TEST(test_a_bad_file_is_passed_over_while_running),
	    TEST(test_a_folder_that_can_not_be_read_changes_nothing),
	    TEST(test_other_files_are_none_of_its_business),
	    TEST(test_a_start_is_strict),
	    TEST(test_a_loan_outlives_its_keys),
	    TEST(test_readers_beside_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
