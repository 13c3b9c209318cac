/*
 * notifier/mail_template: the mails' texts, compiled in, and how values are written into them.
 *
 * Domain, pure.  templates/compile makes mail_templates from the files in templates/: a row for
 * each template and language, and for each model a struct of the texts that its templates show.
 */
#ifndef NOTIFIER_MAIL_TEMPLATE_H
#define NOTIFIER_MAIL_TEMPLATE_H

#include "mail_templates.h"
#include "shared/base/buf.h"

struct mail_manner {               /* how a language writes numbers and times */
	const char *group, *point; /* "," between thousands, "." before the fraction */
	const char *time;          /* "{day} {month} {year}, {clock} UTC" */
	const char *months[12];
};

struct mail_template {
	const char *name;     /* "receipt" */
	const char *language; /* "en" */
	const struct mail_manner *manner;
	enum mail_model model;
	/* Each writes the whole into OUT; MODEL is the model's struct. */
	void (*subject)(const void *model, struct buf *out);
	void (*text)(const void *model, struct buf *out);
	void (*html)(const void *model, struct buf *out);
};

extern const struct mail_template mail_templates[]; /* ended by a NULL name */

/* The template in the language of LOCALE ("de-AT": de), else in English.  NULL: there is none. */
const struct mail_template *mail_template_find(const char *name, const char *locale);

/* A value in plain text: as it is. */
void mail_put_text(struct buf *out, const char *value);
/* In HTML, between tags or in a quoted attribute. */
void mail_put_html(struct buf *out, const char *value);
/* In a header line: control characters become spaces. */
void mail_put_line(struct buf *out, const char *value);

#endif
