#include "tests/unit/items/shop_rig.h"

#include "fcgi/items/image_flow.h"
#include "fcgi/items/item_flow.h"

#define PNG_HEAD  "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0crc!"
#define PNG_BYTES ((size_t)600000)

static char png[PNG_BYTES];

struct reading {
	size_t at, end;
};

static size_t
read_png(void *context, char *out, size_t len)
{
	struct reading *reading = context;

	if (len > reading->end - reading->at)
		len = reading->end - reading->at;
	memcpy(out, png + reading->at, len);
	reading->at += len;
	return len;
}

static enum err
no_precondition(void *context, const struct item *item)
{
	(void)context;
	(void)item;
	return ERR_OK;
}

static const struct item_guard free_to_change = {no_precondition, NULL};

/* Puts LENGTH bytes, of which CAME come. */
static enum err
put(const struct id *id, size_t length, size_t came)
{
	struct reading reading = {0, came};
	const struct image_upload upload = {read_png, &reading, length, "image/png"};
	struct call call = rig_call();

	return image_flow_put(&rig.shop, &call, id, &upload, &free_to_change);
}

static int64_t
count(mongoc_collection_t *collection)
{
	auto_bson bson_t *all = bson_new();
	int64_t found;

	assert_err(ERR_OK, mongo_count(collection, &rig.deadline, all, 1000, &found));
	return found;
}

static void
assert_stored(int64_t files, int64_t chunks)
{
	assert_int_equal(count(rig.shop.images.files), files);
	assert_int_equal(count(rig.shop.images.chunks), chunks);
}

static int
start(void **state)
{
	auto_bson bson_t *all = bson_new();
	int result = rig_empty(state);

	rig.buyer.roles = ROLE_CUSTOMER | ROLE_ADMIN;
	memcpy(png, PNG_HEAD, sizeof(PNG_HEAD) - 1);
	return result == 0 &&
		mongoc_collection_delete_many(rig.shop.images.files, all, NULL, NULL, NULL) &&
		mongoc_collection_delete_many(rig.shop.images.chunks, all, NULL, NULL, NULL)
	    ? 0
	    : -1;
}

static void
sweep(int64_t after_ms)
{
	assert_err(
	    ERR_OK, image_flow_sweep(&rig.shop, &rig.deadline, rig.arena, rig.now_ms + after_ms));
}

static void
test_an_image_is_replaced_whole(void **state)
{
	const struct id lamp = rig_lamp(5);
	struct call call = rig_call();

	(void)state;
	assert_err(ERR_OK, put(&lamp, PNG_BYTES, PNG_BYTES));
	assert_stored(1, 3);
	png[PNG_BYTES - 1] ^= 1;
	assert_err(ERR_OK, put(&lamp, PNG_BYTES, PNG_BYTES));
	assert_stored(1, 3);
	assert_err(ERR_MALFORMED, put(&lamp, PNG_BYTES, 400000));
	assert_stored(1, 3);
	sweep(IMAGE_DOUBT_MS * 2);
	assert_stored(1, 3);
	assert_err(ERR_OK, item_flow_archive(&rig.shop, &call, &lamp, &free_to_change));
	assert_stored(0, 0);
}

/* Killed before its item named it, or before the one it replaced was removed. */
static void
test_what_was_left_behind_is_swept(void **state)
{
	const struct id lamp = rig_lamp(5);
	const struct id left = new_id();
	struct item item;

	(void)state;
	assert_err(ERR_OK, put(&lamp, PNG_BYTES, PNG_BYTES));
	assert_err(
	    ERR_OK, image_store_begin(&rig.shop.images, &rig.deadline, &left, &lamp, rig.now_ms));
	assert_err(
	    ERR_OK, image_store_add(&rig.shop.images, &rig.deadline, &left, 0, span_of(png, 100)));
	assert_err(ERR_OK, item_store_get(&rig.shop.items, &rig.deadline, rig.arena, &lamp, &item));
	assert_err(ERR_OK, image_flow_doubt(&rig.shop, &rig.deadline, &item, rig.now_ms));
	sweep(IMAGE_DOUBT_MS);
	assert_stored(2, 4); /* it may be on its way */
	sweep(IMAGE_DOUBT_MS + 1);
	assert_stored(1, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_an_image_is_replaced_whole, start),
	    cmocka_unit_test_setup(test_what_was_left_behind_is_swept, start),
	};

	return cmocka_run_group_tests_name("items/image_flow", tests, rig_start, rig_end);
}
