#include "fcgi/auth/routes.h"

#include "fcgi/auth/handlers_account.h"
#include "fcgi/auth/handlers_admin.h"
#include "fcgi/auth/handlers_mfa.h"
#include "fcgi/auth/handlers_password.h"
#include "fcgi/auth/handlers_session.h"
#include "fcgi/auth/handlers_token.h"

const struct route auth_routes[] = {
    {METHOD_POST, "/auth/register", "registerUser", handle_register, ACCESS_PUBLIC, BODY_JSON, 0,
	"register"},
    {METHOD_POST, "/auth/login", "login", handle_login, ACCESS_PUBLIC, BODY_JSON, 0, "login"},
    {METHOD_POST, "/auth/mfa/login", "finishMfaLogin", handle_mfa_login, ACCESS_PUBLIC, BODY_JSON,
	0, "login"},
    {METHOD_POST, "/auth/mfa/totp", "beginTotp", handle_begin_totp, ACCESS_BEARER,
	BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_POST, "/auth/mfa/totp/confirm", "confirmTotp", handle_confirm_totp, ACCESS_BEARER,
	BODY_JSON, 0, NULL},
    {METHOD_DELETE, "/auth/mfa/totp", "removeTotp", handle_remove_totp, ACCESS_BEARER, BODY_JSON, 0,
	NULL},
    {METHOD_POST, "/auth/refresh", "refreshSession", handle_refresh, ACCESS_PUBLIC, BODY_JSON, 0,
	NULL},
    {METHOD_POST, "/auth/logout", "logout", handle_logout, ACCESS_PUBLIC, BODY_JSON, 0, NULL},
    {METHOD_GET, "/auth/me", "getMe", handle_get_me, ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_PATCH, "/auth/me", "updateMe", handle_update_me, ACCESS_BEARER, BODY_MERGE_PATCH, 0,
	NULL},
    {METHOD_DELETE, "/auth/me", "deleteMe", handle_delete_me, ACCESS_BEARER, BODY_JSON, 0, NULL},
    {METHOD_GET, "/auth/session", "listSessions", handle_list_sessions, ACCESS_BEARER, BODY_NONE, 0,
	NULL},
    {METHOD_DELETE, "/auth/session/{id}", "endSession", handle_end_session, ACCESS_BEARER,
	BODY_NONE, 0, NULL},
    {METHOD_POST, "/auth/password/change", "changePassword", handle_change_password, ACCESS_BEARER,
	BODY_JSON, 0, NULL},
    {METHOD_POST, "/auth/password/forgot", "forgotPassword", handle_forgot_password, ACCESS_PUBLIC,
	BODY_JSON, 0, "forgot"},
    {METHOD_POST, "/auth/password/reset", "resetPassword", handle_reset_password, ACCESS_PUBLIC,
	BODY_JSON, 0, NULL},
    {METHOD_POST, "/auth/email/verify", "verifyEmail", handle_verify_email, ACCESS_PUBLIC,
	BODY_JSON, 0, NULL},
    {METHOD_POST, "/auth/email/resend", "resendVerification", handle_resend_verification,
	ACCESS_BEARER, BODY_JSON_OPTIONAL, 0, NULL},
    {METHOD_GET, "/auth/user", "listUsers", handle_list_users, ACCESS_ADMIN, BODY_NONE, 0, NULL},
    {METHOD_GET, "/auth/user/{id}", "getUser", handle_get_user, ACCESS_ADMIN, BODY_NONE, 0, NULL},
    {METHOD_PATCH, "/auth/user/{id}", "updateUser", handle_update_user, ACCESS_ADMIN,
	BODY_MERGE_PATCH, 0, NULL},
    {METHOD_GET, "/auth/audit", "listAudit", handle_list_audit, ACCESS_BEARER, BODY_NONE, 0, NULL},
    {METHOD_GET, "/auth/validate", "authorizeRequest", handle_authorize, ACCESS_BEARER, BODY_NONE,
	0, NULL},
    {METHOD_POST, "/auth/validate", "validateToken", handle_validate, ACCESS_PUBLIC, BODY_JSON, 0,
	NULL},
    {METHOD_GET, "/auth/.well-known/jwks.json", "getJwks", handle_jwks, ACCESS_PUBLIC, BODY_NONE, 0,
	NULL},
    {METHOD_GET, "/auth/revoked", "listRevokedSessions", handle_revoked, ACCESS_INTERNAL, BODY_NONE,
	0, NULL},
    {.pattern = NULL},
};
