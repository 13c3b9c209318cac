/*
 * dev/mail_preview: writes the mails that events call for, in every language.
 *
 *   mail_preview FOLDER <EVENTS
 *
 * EVENTS are CloudEvents, one a line.  Makes FOLDER/TEMPLATE.LANGUAGE.html, .txt and .subject, and
 * prints TEMPLATE and LANGUAGE of each.  `make mail-preview` makes pictures of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notifier/mail_model.h"
#include "notifier/mail_template.h"
#include "notifier/plan.h"

#define SHOP_URL     "https://shop.example.org"
#define ARENA_BYTES  ((size_t)4 * 1024 * 1024)
#define EVENT_SIZE   65536
#define SUBJECT_SIZE 2000
#define BODY_SIZE    ((size_t)1024 * 1024)

struct preview {
	const char *folder;
	struct arena *arena;
	struct mail_words words;
};

static enum err
keep(const struct preview *preview, const struct mail_template *template, const char *kind,
    const struct buf *text)
{
	const char *path = arena_printf(preview->arena, "%s/%s.%s.%s", preview->folder,
	    template->name, template->language, kind);
	FILE *file;
	bool written;

	TRY_ALLOC(path);
	file = fopen(path, "w");
	if (file == NULL)
		return ERR_UNAVAILABLE;
	written = fwrite(text->data, 1, text->len, file) == text->len;
	return fclose(file) == 0 && written ? ERR_OK : ERR_UNAVAILABLE;
}

static enum err
show(struct preview *preview, const struct plan *plan, const struct planned_job *planned,
    const struct mail_template *template)
{
	const struct job job = {
	    .template = planned->template,
	    .data = planned->data,
	    .has_contact = true,
	    .contact = {.name = "Zoë Müller", .locale = template->language},
	};

	TRY(mail_model_render(
	    preview->arena, SHOP_URL, plan->event.head.time_ms, &job, &preview->words));
	TRY(keep(preview, template, "subject", &preview->words.subject));
	TRY(keep(preview, template, "txt", &preview->words.text));
	TRY(keep(preview, template, "html", &preview->words.html));
	(void)printf("%s %s\n", template->name, template->language);
	return ERR_OK;
}

static enum err
show_event(struct preview *preview, const char *line)
{
	struct plan plan;

	arena_reset(preview->arena);
	TRY(plan_make(preview->arena, span_of(line, strlen(line)), &plan));
	for (size_t i = 0; i < plan.job_count; i++)
		for (const struct mail_template *at = mail_templates; at->name != NULL; at++)
			if (str_equal(at->name, plan.jobs[i].template))
				TRY(show(preview, &plan, &plan.jobs[i], at));
	return ERR_OK;
}

int
main(int argc, char **argv)
{
	static char line[EVENT_SIZE];
	struct preview preview = {.folder = argc == 2 ? argv[1] : NULL};
	enum err err = ERR_OK;

	if (preview.folder == NULL || arena_new(ARENA_BYTES, &preview.arena) != ERR_OK)
		return EXIT_FAILURE;
	buf_init(&preview.words.subject, SUBJECT_SIZE);
	buf_init(&preview.words.text, BODY_SIZE);
	buf_init(&preview.words.html, BODY_SIZE);
	while (err == ERR_OK && fgets(line, sizeof(line), stdin) != NULL)
		err = show_event(&preview, line);
	if (err != ERR_OK)
		(void)fprintf(stderr, "mail_preview: %s: %.200s\n", err_name(err), line);
	buf_fini(&preview.words.subject);
	buf_fini(&preview.words.text);
	buf_fini(&preview.words.html);
	arena_free(&preview.arena);
	return err == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
