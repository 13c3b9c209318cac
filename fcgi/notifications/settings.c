#include "fcgi/notifications/settings.h"

#include <stddef.h>

#define AT(member) offsetof(struct notifications_settings, member)

const struct config_table notifications_tables[] = {
    {program_settings_rows, AT(service)},
    {service_settings_rows, AT(service)},
    {pg_settings_rows, AT(database)},
    {verifier_settings_rows, AT(verifier)},
    {token_settings_rows, AT(verifier.tokens)},
    {page_settings_rows, AT(pages)},
    {webhook_settings_rows, AT(webhook)},
    {NULL, 0},
};
