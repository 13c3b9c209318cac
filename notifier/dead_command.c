#include "notifier/dead_command.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "notifier/dead_letters.h"
#include "notifier/dead_store.h"
#include "notifier/settings.h"
#include "shared/base/str.h"

#define STORE_MAX_MS 60000
#define ARENA_BYTES  ((size_t)4 * 1024 * 1024)
#define ALL          "--all"

static const char *const actions[] = {
    [DEAD_LIST] = "list", [DEAD_REPLAY] = "replay", [DEAD_DROP] = "drop", NULL};

struct wish {
	struct dead_request letters;
	const char **words;
	struct id *jobs; /* those of the words that may be a job's */
	size_t job_count;
};

static size_t
count_words(const char *text)
{
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ' ';
	return count;
}

static enum err
split(struct arena *arena, const char *text, const char ***out, size_t *count)
{
	const char **words = arena_array(arena, count_words(text), sizeof(*words));
	size_t found = 0;

	TRY_ALLOC(words);
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0)
			TRY_ALLOC(words[found++] = arena_memdup(arena, text, len));
		text += len + (text[len] == ' ');
	}
	*out = words;
	*count = found;
	return ERR_OK;
}

/* ERR_VALIDATION: other words than the command takes. */
static enum err
read_wish(struct arena *arena, const char *text, struct wish *wish)
{
	size_t action = 0;
	size_t count;

	TRY(split(arena, text, &wish->words, &count));
	while (count > 0 && actions[action] != NULL && !str_equal(actions[action], wish->words[0]))
		action++;
	if (count == 0 || actions[action] == NULL)
		return ERR_VALIDATION;
	wish->letters.action = (enum dead_action)action;
	wish->letters.all = count == 2 && str_equal(wish->words[1], ALL);
	wish->letters.ids = wish->words + 1;
	wish->letters.id_count = wish->letters.all ? 0 : count - 1;
	if ((action == DEAD_LIST) != (count == 1))
		return ERR_VALIDATION;
	TRY_ALLOC(wish->jobs = arena_array(arena, count, sizeof(*wish->jobs)));
	for (size_t i = 0; i < wish->letters.id_count; i++)
		if (id_parse(wish->letters.ids[i], &wish->jobs[wish->job_count]) == ERR_OK)
			wish->job_count++;
	return ERR_OK;
}

static enum err
handle_jobs(const struct notifier_settings *settings, const struct wish *wish, int64_t *done)
{
	const struct deadline deadline = deadline_in(&clock_system, STORE_MAX_MS);
	const struct id *ids = wish->letters.all ? NULL : wish->jobs;
	struct pg *pg = NULL;
	enum err err;

	TRY(pg_new(settings->database.url, STORE_MAX_MS, &clock_system, &pg));
	if (wish->letters.action == DEAD_LIST)
		err = dead_store_list(pg, &deadline, wish->letters.out, done);
	else if (wish->letters.action == DEAD_REPLAY)
		err = dead_store_replay(pg, &deadline, ids, wish->job_count, done);
	else
		err = dead_store_drop(pg, &deadline, ids, wish->job_count, done);
	pg_free(&pg);
	return err;
}

static int
carry_out(const struct notifier_settings *settings, const struct wish *wish)
{
	int64_t letters = 0;
	int64_t jobs = 0;
	enum err err =
	    dead_letters_go_through(settings->broker.url, &clock_system, &wish->letters, &letters);

	if (err != ERR_OK)
		(void)fprintf(stderr, "dead letters: %s\n", err_name(err));
	else
		err = handle_jobs(settings, wish, &jobs);
	(void)fprintf(stderr, "%s: %lld letters, %lld jobs\n", actions[wish->letters.action],
	    (long long)letters, (long long)jobs);
	if (err != ERR_OK)
		return program_exit_status(err);
	if (letters + jobs < (int64_t)wish->letters.id_count) {
		(void)fputs("some ids are no dead letter's and no failed job's\n", stderr);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int
dead_command_run(void *settings, const char *words)
{
	struct wish wish = {.letters.out = stdout};
	auto_arena struct arena *arena = NULL;
	enum err err = arena_new(ARENA_BYTES, &arena);

	if (err == ERR_OK)
		err = read_wish(arena, words, &wish);
	if (err == ERR_VALIDATION) {
		(void)fputs("usage: notifier --dead list | replay ID...|--all | drop ID...|--all\n",
		    stderr);
		return EX_USAGE;
	}
	return err != ERR_OK ? program_exit_status(err) : carry_out(settings, &wish);
}
