#include "fcgi/auth/handlers_admin.h"

#include "fcgi/auth/account_flow.h"
#include "fcgi/auth/admin_flow.h"
#include "fcgi/auth/admin_store.h"
#include "fcgi/auth/admin_wire.h"
#include "fcgi/auth/app.h"
#include "shared/edge/etag.h"
#include "shared/edge/page.h"
#include "shared/edge/query.h"

#define USERS_SCOPE "users"
#define AUDIT_SCOPE "audit"

enum err
handle_list_users(const struct app *app, struct request *rq, struct response *rs)
{
	const struct span secret = page_secret(&app->settings->pages);
	const struct call call = call_of(rq);
	struct json_writer w;
	struct page_key last;
	struct query query;
	struct user *users;
	struct page page;
	const char *q;
	size_t count;
	size_t i;

	TRY(query_begin(&query, rq));
	page_read(&query, secret, USERS_SCOPE, &page);
	wire_read_search(&query, &q);
	TRY(query_end(&query));
	TRY(admin_check(&call, rq->principal));
	/* One more than is shown tells whether there are more. */
	TRY(admin_store_search(
	    &call, q, page.has_after ? &page.after_id : NULL, page.limit + 1, &users, &count));
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	for (i = 0; i < count && i < (size_t)page.limit; i++) {
		wire_put_user_for_admin(&w, &users[i]);
		last = (struct page_key){.id = users[i].id};
	}
	return page_finish(&query, rs, &w, secret, USERS_SCOPE, count > i ? &last : NULL);
}

enum err
handle_get_user(const struct app *app, struct request *rq, struct response *rs)
{
	const struct call call = call_of(rq);
	struct user user;
	struct id id;

	(void)app;
	TRY(query_none(rq));
	TRY(request_id_param(rq, 0, &id));
	TRY(admin_get_user(&call, rq->principal, &id, &user));
	return wire_answer_user_for_admin(rq, rs, &user);
}

static enum err
check_tag(void *context, const struct user *user)
{
	char etag[ETAG_SIZE];

	TRY(wire_user_for_admin_etag(user, etag));
	return request_if_match(context, etag);
}

enum err
handle_update_user(const struct app *app, struct request *rq, struct response *rs)
{
	const struct account_guard guard = {.check = check_tag, .context = rq};
	const struct call call = call_of(rq);
	struct user_patch patch;
	struct user user;
	struct id id;

	(void)app;
	TRY(request_id_param(rq, 0, &id));
	TRY(wire_read_user_patch(rq, &patch));
	TRY(admin_change_user(&call, rq->principal, &id, &patch, &guard, &user));
	return wire_answer_user_for_admin(rq, rs, &user);
}

enum err
handle_list_audit(const struct app *app, struct request *rq, struct response *rs)
{
	const struct span secret = page_secret(&app->settings->pages);
	const struct call call = call_of(rq);
	struct audit_event *events;
	struct json_writer w;
	struct page_key last;
	struct query query;
	struct page page;
	struct user user;
	size_t count;
	size_t i;

	TRY(query_begin(&query, rq));
	page_read(&query, secret, AUDIT_SCOPE, &page);
	TRY(query_end(&query));
	TRY(account_of_principal(&call, rq->principal, &user));
	TRY(audit_store_list(&call, (user.roles & ROLE_ADMIN) != 0 ? NULL : &user.id,
	    page.has_after ? &page.after_id : NULL, page.limit + 1, &events, &count));
	json_writer_init(&w, rs->buf);
	json_object_open(&w, NULL);
	json_array_open(&w, "data");
	for (i = 0; i < count && i < (size_t)page.limit; i++) {
		wire_put_audit_event(&w, &events[i]);
		last = (struct page_key){.id = events[i].id};
	}
	return page_finish(&query, rs, &w, secret, AUDIT_SCOPE, count > i ? &last : NULL);
}
