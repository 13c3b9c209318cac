/*
 * images: how many images, and chunks of images, the store holds for an item.
 *
 *   images MONGODB_URI DATABASE ITEM [swept]
 *
 * Prints "FILES CHUNKS".  With "swept" after a sweep as it will come once nothing that runs today
 * can be under way any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fcgi/items/image_flow.h"
#include "shared/base/log.h"
#include "shared/infra/mongo_read.h"

#define DEADLINE_MS 30000
#define COUNT_MAX   1000

#define auto_pool  AUTO_OF(mongo_pool_free)
#define auto_mongo AUTO_OF(mongo_close)
#define auto_arena AUTO_OF(arena_free)

struct tally {
	struct shop shop;
	struct deadline deadline;
	int64_t files, chunks;
};

static enum err
count_file(void *context, const bson_t *file, bool *stop)
{
	struct tally *tally = context;
	auto_bson bson_t *of_file = NULL;
	int64_t chunks;
	struct id id;

	(void)stop;
	TRY(mongo_get_id(file, "_id", &id));
	of_file = BCON_NEW("files_id", BCON_UTF8(id.text));
	TRY(mongo_count(tally->shop.images.chunks, &tally->deadline, of_file, COUNT_MAX, &chunks));
	tally->files++;
	tally->chunks += chunks;
	return ERR_OK;
}

static enum err
look(const char *uri, const char *database, const char *item, bool swept, struct tally *tally)
{
	const int64_t later_ms = clock_now_ms(&clock_system) + 2 * IMAGE_DOUBT_MS;
	auto_pool struct mongo_pool *pool = NULL;
	auto_mongo struct mongo mongo = {.client = NULL};
	auto_arena struct arena *arena = NULL;
	auto_bson bson_t *of_item = BCON_NEW("filename", BCON_UTF8(item));
	const struct mongo_find find = {.filter = of_item, .limit = COUNT_MAX};
	enum err err = ERR_OK;

	tally->deadline = deadline_in(&clock_system, DEADLINE_MS);
	TRY(arena_new((size_t)1 << 20, &arena));
	TRY(mongo_pool_new(uri, database, DEADLINE_MS, "images", &pool));
	TRY(mongo_open(pool, &mongo));
	shop_init(&mongo, &tally->shop);
	if (swept)
		err = image_flow_sweep(&tally->shop, &tally->deadline, arena, later_ms);
	if (err == ERR_OK)
		err = mongo_find_each(
		    tally->shop.images.files, &tally->deadline, &find, count_file, tally);
	shop_fini(&tally->shop);
	return err;
}

int
main(int argc, char **argv)
{
	const bool swept = argc == 5 && strcmp(argv[4], "swept") == 0;
	struct tally tally = {.files = 0};
	enum err err;

	if (argc != 4 && !swept) {
		(void)fprintf(stderr, "images MONGODB_URI DATABASE ITEM [swept]\n");
		return 64;
	}
	log_init("images", LOG_ERROR, STDERR_FILENO);
	err = look(argv[1], argv[2], argv[3], swept, &tally);
	if (err != ERR_OK) {
		(void)fprintf(stderr, "images: %s\n", err_name(err));
		return 1;
	}
	(void)printf("%" PRId64 " %" PRId64 "\n", tally.files, tally.chunks);
	return 0;
}
