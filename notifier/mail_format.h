/*
 * notifier/mail_format: numbers, money and times as people write them in a mail's language.
 *
 * Domain, pure.  Currencies go by their code, which no reader takes for another country's.
 */
#ifndef NOTIFIER_MAIL_FORMAT_H
#define NOTIFIER_MAIL_FORMAT_H

#include "notifier/mail_template.h"
#include "shared/base/arena.h"
#include "shared/base/money.h"

/* Each returns a text of ARENA, NULL at its end. */

/* "12,345"; "12.345" */
const char *mail_format_number(
    struct arena *arena, const struct mail_manner *manner, int64_t number);
/* "1,999.50 EUR", "1,500 JPY"; "1.999,50 EUR" */
const char *mail_format_money(
    struct arena *arena, const struct mail_manner *manner, const struct money *money);
/* "2 January 2026, 03:04 UTC"; "2. Januar 2026, 03:04 Uhr (UTC)" */
const char *mail_format_time(
    struct arena *arena, const struct mail_manner *manner, int64_t unix_ms);

#endif
