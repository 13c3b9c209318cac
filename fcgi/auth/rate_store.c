#include "fcgi/auth/rate_store.h"

#include <stdio.h>

#include "shared/base/macros.h"
#include "shared/infra/pg_number.h"

#define KEY_SIZE 128

enum err
rate_store_take(struct pg *pg, const struct deadline *deadline, const struct rate_policy *policy,
    const char *key, struct rate_state *out)
{
	/* Of a refused request there is no row; then the one before tells how much is taken. */
	static const struct pg_statement statement = {"rate_take",
	    "WITH taken AS ("
	    "  INSERT INTO rate_limits AS r (key, whole_at)"
	    "  VALUES ($1, now() + $2::bigint * interval '1 microsecond')"
	    "  ON CONFLICT (key) DO UPDATE"
	    "   SET whole_at = greatest(r.whole_at, now()) + $2::bigint * interval '1 microsecond'"
	    "   WHERE greatest(r.whole_at, now()) + $2::bigint * interval '1 microsecond'"
	    "    <= now() + $3::bigint * interval '1 microsecond' RETURNING whole_at"
	    ") SELECT EXISTS (SELECT FROM taken), (extract(epoch FROM coalesce("
	    "  (SELECT whole_at FROM taken), (SELECT whole_at FROM rate_limits WHERE key = $1),"
	    "  now()) - now()) * 1000000)::bigint"};
	char name[KEY_SIZE];
	char step[PG_NUMBER_SIZE];
	char window[PG_NUMBER_SIZE];
	const char *values[] = {name, pg_number_text(ratelimit_step_us(policy), step),
	    pg_number_text(policy->window_s * 1000000, window)};
	auto_pg_result struct pg_result *rows = NULL;

	(void)snprintf(name, sizeof(name), "%s %s", policy->name, key);
	TRY(pg_run(pg, deadline, &statement, values, COUNT_OF(values), &rows));
	ratelimit_describe(policy, pg_int(rows, 0, 1), pg_bool(rows, 0, 0), out);
	return ERR_OK;
}
