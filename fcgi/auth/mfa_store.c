#include "fcgi/auth/mfa_store.h"

#include "shared/base/macros.h"
#include "shared/infra/pg.h"
#include "shared/infra/pg_number.h"

#define CHALLENGE_END "now() + interval '" TEXT_OF(MFA_CHALLENGE_S) " seconds'"
#define TRIES_LEFT    "tries < " TEXT_OF(MFA_CHALLENGE_TRIES)

/* Runs STATEMENT; NONE when it gave no row. */
static enum err
run_for_row(const struct call *call, const struct pg_statement *statement,
    const char *const *values, size_t count, enum err none)
{
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, statement, values, count, &rows));
	return pg_rows(rows) > 0 ? ERR_OK : none;
}

enum err
mfa_store_begin(const struct call *call, const struct second_factor *factor)
{
	static const struct pg_statement statement = {"totp_begin",
	    "INSERT INTO totp AS t (user_id, secret, pepper_id) VALUES ($1, $2, $3)"
	    " ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret,"
	    "  pepper_id = excluded.pepper_id, last_step = 0, created_at = now()"
	    " WHERE t.confirmed_at IS NULL RETURNING 1"};
	const char *values[] = {factor->user_id.text, factor->secret, factor->pepper_id};

	return run_for_row(call, &statement, values, COUNT_OF(values), ERR_CONFLICT);
}

#define FACTOR_COLUMNS "t.user_id, t.secret, t.pepper_id, t.confirmed_at IS NOT NULL, t.last_step"

static enum err
factor_from_row(struct arena *arena, const struct pg_result *rows, struct second_factor *out)
{
	struct second_factor factor = {.user_id = pg_id(rows, 0, 0),
	    .confirmed = pg_bool(rows, 0, 3),
	    .last_step = pg_int(rows, 0, 4)};

	TRY(pg_copy(rows, 0, 1, arena, &factor.secret));
	TRY(pg_copy(rows, 0, 2, arena, &factor.pepper_id));
	*out = factor;
	return ERR_OK;
}

enum err
mfa_store_find(const struct call *call, const struct id *user_id, struct second_factor *out)
{
	static const struct pg_statement statement = {
	    "totp_find", "SELECT " FACTOR_COLUMNS " FROM totp t WHERE t.user_id = $1"};
	const char *values[] = {user_id->text};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	return factor_from_row(call->arena, rows, out);
}

enum err
mfa_store_confirm(const struct call *call, const struct mfa_confirmation *confirmation)
{
	static const struct pg_statement statement = {"totp_confirm",
	    "WITH confirmed AS ("
	    "  UPDATE totp SET confirmed_at = now(), last_step = $3::bigint"
	    "  WHERE user_id = $1 AND secret = $2 AND confirmed_at IS NULL RETURNING user_id"
	    "), codes AS ("
	    "  INSERT INTO recovery_codes (user_id, code_hash)"
	    "  SELECT user_id, unnest($4::text[]) FROM confirmed"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
	    "  SELECT $5::uuid, user_id, user_id, 'mfa_enabled', $6::text, $7::text FROM confirmed"
	    ") SELECT FROM confirmed"};
	char step[PG_NUMBER_SIZE];
	const char *values[] = {confirmation->factor->user_id.text, confirmation->factor->secret,
	    pg_number_text(confirmation->step, step), confirmation->recovery_kept,
	    confirmation->audit_id.text, call->client.address, call->client.user_agent};

	return run_for_row(call, &statement, values, COUNT_OF(values), ERR_CONFLICT);
}

static enum err
use_recovery_code(const struct call *call, const struct mfa_use *use)
{
	static const struct pg_statement statement = {"recovery_use",
	    "WITH used AS ("
	    "  DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2 RETURNING user_id"
	    "), audited AS ("
	    "  INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
	    "  SELECT $3::uuid, user_id, user_id, 'recovery_code_used', $4::text, $5::text"
	    "  FROM used"
	    ") SELECT FROM used"};
	const char *values[] = {use->user_id.text, use->recovery_kept, use->audit_id.text,
	    call->client.address, call->client.user_agent};

	return run_for_row(call, &statement, values, COUNT_OF(values), ERR_WRONG_CODE);
}

enum err
mfa_store_use(const struct call *call, const struct mfa_use *use)
{
	static const struct pg_statement statement = {"totp_use",
	    "UPDATE totp SET last_step = $2::bigint, secret = coalesce($3, secret),"
	    " pepper_id = coalesce($4, pepper_id)"
	    " WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2::bigint"
	    " RETURNING 1"};
	char step[PG_NUMBER_SIZE];
	const char *values[] = {
	    use->user_id.text, pg_number_text(use->step, step), use->secret, use->pepper_id};

	if (use->recovery_kept != NULL)
		return use_recovery_code(call, use);
	return run_for_row(call, &statement, values, COUNT_OF(values), ERR_WRONG_CODE);
}

enum err
mfa_store_remove(const struct call *call, const struct id *user_id, const struct id *audit_id)
{
	static const struct pg_statement statement = {"totp_remove",
	    "WITH removed AS (DELETE FROM totp WHERE user_id = $1 RETURNING user_id),"
	    " waiting AS (DELETE FROM mfa_challenges WHERE user_id = $1)"
	    " INSERT INTO audit (id, actor_id, user_id, action, address, user_agent)"
	    " SELECT $2::uuid, user_id, user_id, 'mfa_disabled', $3::text, $4::text FROM removed"};
	const char *values[] = {
	    user_id->text, audit_id->text, call->client.address, call->client.user_agent};

	return pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), NULL);
}

enum err
mfa_store_challenge(
    const struct call *call, const struct new_challenge *challenge, int64_t *locked_ms)
{
	static const struct pg_statement statement = {"mfa_challenge",
	    "WITH locked AS ("
	    "  SELECT max(locked_until) AS until FROM login_failures"
	    "  WHERE bucket = ANY ($4::text[]) AND locked_until > now()"
	    "), added AS ("
	    "  INSERT INTO mfa_challenges (token_hash, user_id, password_version, expires_at)"
	    "  SELECT $1::text, u.id, $3::text,"
	    "   " CHALLENGE_END
	    "  FROM users u, locked WHERE u.id = $2 AND NOT u.disabled AND locked.until IS NULL"
	    "   AND extract(epoch FROM u.password_changed_at) = $3::numeric RETURNING 1"
	    ") SELECT EXISTS (SELECT FROM added), coalesce((SELECT"
	    "  ceil(extract(epoch FROM until - now()) * 1000) FROM locked), 0)::bigint"};
	const char *values[] = {challenge->token_kept, challenge->user_id->text,
	    challenge->password_version, challenge->throttle->holds};
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_bool(rows, 0, 0))
		return ERR_OK;
	if (pg_int(rows, 0, 1) == 0)
		return ERR_CREDENTIALS;
	*locked_ms = pg_int(rows, 0, 1);
	return ERR_ACCOUNT_LOCKED;
}

enum err
mfa_store_try(const struct call *call, const char *token_kept, struct mfa_challenge *out)
{
	static const struct pg_statement statement = {"mfa_try",
	    "WITH tried AS ("
	    "  UPDATE mfa_challenges SET tries = tries + 1 WHERE token_hash = $1"
	    "   AND expires_at > now() AND " TRIES_LEFT "  RETURNING user_id, password_version"
	    ") SELECT " FACTOR_COLUMNS ", u.email_key, tried.password_version FROM tried"
	    " JOIN users u ON u.id = tried.user_id JOIN totp t ON t.user_id = u.id"
	    " WHERE t.confirmed_at IS NOT NULL"};
	const char *values[] = {token_kept};
	auto_pg_result struct pg_result *rows = NULL;
	struct mfa_challenge challenge;

	TRY(pg_run(call->pg, &call->deadline, &statement, values, COUNT_OF(values), &rows));
	if (pg_rows(rows) == 0)
		return ERR_NOT_FOUND;
	TRY(factor_from_row(call->arena, rows, &challenge.factor));
	TRY(pg_copy(rows, 0, 5, call->arena, &challenge.email_key));
	TRY(pg_copy(rows, 0, 6, call->arena, &challenge.password_version));
	*out = challenge;
	return ERR_OK;
}

enum err
mfa_store_spend(const struct call *call, const char *token_kept)
{
	static const struct pg_statement statement = {
	    "mfa_spend", "DELETE FROM mfa_challenges WHERE token_hash = $1 RETURNING 1"};
	const char *values[] = {token_kept};

	return run_for_row(call, &statement, values, COUNT_OF(values), ERR_NOT_FOUND);
}
