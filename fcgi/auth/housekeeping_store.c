#include "fcgi/auth/housekeeping_store.h"

#include "shared/base/macros.h"
#include "shared/infra/pg_number.h"

/* Where WHERE is true; the key is one column. */
#define DELETE_SOME(table, key, where)                                                             \
	"DELETE FROM " table " WHERE " key " IN (SELECT " key " FROM " table " WHERE " where       \
	" LIMIT " TEXT_OF(HOUSEKEEPING_BATCH) ")"

static const struct sweep {
	struct pg_statement statement;
	size_t values; /* 1: $1 is how long a session is kept after its end, in seconds */
} sweeps[] = {
    {{"sweep_ended",
	 DELETE_SOME("sessions", "id", "ended_at < now() - $1::bigint * interval '1 second'")},
	1},
    {{"sweep_expired",
	 DELETE_SOME("sessions", "id", "expires_at < now() - $1::bigint * interval '1 second'")},
	1},
    /* A minute is far beyond the grace. */
    {{"sweep_rotations",
	 DELETE_SOME("refresh_rotations", "ctid", "at < now() - interval '1 minute'")},
	0},
    {{"sweep_links", DELETE_SOME("email_tokens", "token_hash", "expires_at < now()")}, 0},
    {{"sweep_failures",
	 DELETE_SOME("login_failures", "bucket", "last_at < now() - interval '1 day'")},
	0},
    {{"sweep_addresses",
	 DELETE_SOME("known_addresses", "ctid", "last_at < now() - interval '30 days'")},
	0},
    {{"sweep_limits", DELETE_SOME("rate_limits", "key", "whole_at < now()")}, 0},
    {{"sweep_challenges", DELETE_SOME("mfa_challenges", "token_hash", "expires_at < now()")}, 0},
};

enum err
housekeeping_sweep(struct pg *pg, const struct deadline *deadline, int64_t keep_s, bool *more)
{
	char keep[PG_NUMBER_SIZE];
	const char *values[] = {pg_number_text(keep_s, keep)};
	bool full = false;

	for (size_t i = 0; i < COUNT_OF(sweeps); i++) {
		auto_pg_result struct pg_result *result = NULL;

		TRY(pg_run(pg, deadline, &sweeps[i].statement, values, sweeps[i].values, &result));
		full |= pg_affected(result) == HOUSEKEEPING_BATCH;
	}
	*more = full;
	return ERR_OK;
}
