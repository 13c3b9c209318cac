#include "fcgi/auth/admin_flow.h"

#include "fcgi/auth/admin_store.h"
#include "shared/base/log.h"
#include "shared/infra/pg.h"

enum err
admin_check(const struct call *call, const struct principal *principal)
{
	struct user user;

	TRY(account_of_principal(call, principal, &user));
	return (user.roles & ROLE_ADMIN) != 0 ? ERR_OK : ERR_FORBIDDEN;
}

enum err
admin_get_user(const struct call *call, const struct principal *principal, const struct id *id,
    struct user *out)
{
	TRY(admin_check(call, principal));
	return admin_store_find(call, id, out);
}

static bool
administers(const struct user *user)
{
	return (user->roles & ROLE_ADMIN) != 0 && !user->disabled;
}

static enum err
check_change(const struct call *call, const struct principal *principal, const struct user *before,
    const struct user *after)
{
	bool another;

	if (after->disabled && id_equal(&after->id, &principal->user_id))
		return fault_set(
		    call->fault, ERR_CONFLICT, "Nobody disables the account they act by.");
	if (!administers(before) || administers(after))
		return ERR_OK;
	TRY(admin_store_another(call, &after->id, &another));
	return another
	    ? ERR_OK
	    : fault_set(call->fault, ERR_CONFLICT, "There would be no administrator left.");
}

enum err
admin_change_user(const struct call *call, const struct principal *principal, const struct id *id,
    const struct user_patch *patch, const struct account_guard *guard, struct user *out)
{
	auto_pg_tx struct pg *tx = call->pg;
	struct admin_change change = {.actor_id = &principal->user_id};
	struct user before;
	struct user after;
	struct user changed;

	TRY(pg_begin(tx, &call->deadline));
	TRY(admin_store_begin(call));
	TRY(admin_check(call, principal));
	TRY(admin_store_hold(call, id, &before));
	TRY(guard->check(guard->context, &before));
	after = before;
	if (patch->has_roles)
		after.roles = patch->roles;
	if (patch->has_disabled)
		after.disabled = patch->disabled;
	if (after.roles == before.roles && after.disabled == before.disabled) {
		*out = before;
		return ERR_OK;
	}
	TRY(check_change(call, principal, &before, &after));
	change.user = &after;
	id_new(call->now_ms, &change.audit_id);
	TRY(admin_store_change(call, &change, &changed));
	TRY(pg_commit(tx, &call->deadline));
	log_info("account administered", LOG_TEXT("user_id", id->text),
	    LOG_TEXT("actor_id", principal->user_id.text));
	*out = changed;
	return ERR_OK;
}
