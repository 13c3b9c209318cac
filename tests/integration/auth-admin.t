#!/bin/bash
# Administrators, the audit, and what the serving role may not do.
. "$(dirname "$0")/lib.sh"
use_stack

sql() { psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "$1"; }
user() { api GET "/auth/user/$1" "$TOKEN_boss"; }
change() { api PATCH "/auth/user/$1" "$TOKEN_boss" "$2"; }

new_user ada
new_user boss
make_admin boss
login boss

story "Customers are told nothing"
api GET /auth/user "$TOKEN_ada"
is_problem 403 forbidden
api GET "/auth/user/$ID_ada" "$TOKEN_ada"
is_problem 403 forbidden "not even of themselves, here"
api PATCH "/auth/user/$ID_ada" "$TOKEN_ada" '{"roles":["admin"]}'
is_problem 403 forbidden
api GET /auth/user
is_problem 401 missing_token

story "An administrator searches"
api GET "/auth/user?q=ada-$RUN_ID@" "$TOKEN_boss"
is_status 200
json_is '.data | length' 1
json_is '.data[0].id' "$ID_ada"
json_holds '.data[0] | keys == ["created_at","disabled","email","email_verified","id","name","roles","updated_at"]'
json_is .next_cursor null
api GET "/auth/user?q=$RUN_ID&limit=1" "$TOKEN_boss"
json_is '.data[0].id' "$ID_boss" "the newest first"
header_like Link '^</auth/user\?.*cursor=.*>; rel="next"$'
cursor=$(json .next_cursor)
api GET "/auth/user?q=$RUN_ID&limit=1&cursor=$cursor" "$TOKEN_boss"
json_is '.data[0].id' "$ID_ada" "then the next"
json_is .next_cursor null
api GET "/auth/user?q=other&cursor=$cursor" "$TOKEN_boss"
is_problem 422 validation_failed "a cursor of another search"
has_parameter_fault cursor bad_format
api GET '/auth/user?q=&name=x' "$TOKEN_boss"
is_problem 422 validation_failed
has_parameter_fault q too_short
has_parameter_fault name unknown_field

story "And looks at one"
user "$ID_ada"
is_status 200
json_is .email "$EMAIL_ada"
json_is .disabled false
api GET "/auth/user/$ID_ada" "$TOKEN_boss" '' --header "If-None-Match: $(header ETag)"
is_status 304
tag=$(header ETag)
api PATCH "/auth/user/$ID_ada" "$TOKEN_boss" '{"disabled":true}' --header 'If-Match: "other"'
is_problem 412 precondition_failed
api PATCH "/auth/user/$ID_ada" "$TOKEN_boss" '{}' --header "If-Match: $tag"
is_status 200 "with the tag of now"
header_is ETag "$tag"
user 0192f3a0-0000-7000-8000-000000000000
is_problem 404 not_found

story "What is no change"
change "$ID_ada" '{"roles":["owner"],"disabled":"yes","name":"x"}'
is_problem 422 validation_failed
has_field_fault /roles/0 not_allowed
has_field_fault /disabled wrong_type
has_field_fault /name unknown_field
change "$ID_ada" '{"roles":[]}'
is_problem 422 validation_failed
has_field_fault /roles too_short
change "$ID_ada" '{"roles":null}'
is_problem 422 validation_failed
change "$ID_boss" '{"disabled":true}'
is_problem 409 conflict "nobody disables themselves"

story "A role given holds from the next token on; a role taken, at once"
change "$ID_ada" '{"roles":["customer","admin"]}'
is_status 200
json_is .roles '["customer","admin"]'
login ada
api GET /auth/user "$TOKEN_ada"
is_status 200
api POST /item "$TOKEN_boss" '{"name":"Vase","price":{"amount":1,"currency":"EUR"},"stock":1}'
vase=$(json .id)
api PATCH "/item/$vase" "$TOKEN_ada" '{"name":"Urn"}'
is_status 200 "she may change what others sell"
change "$ID_ada" '{"roles":["customer"]}'
is_status 200
api GET /auth/user "$TOKEN_ada"
is_problem 401 invalid_token "whatever her token says"
changes_no_more() {
	api PATCH "/item/$vase" "$TOKEN_ada" '{"name":"Jug"}'
	[ "$STATUS" = 401 ]
}
ok "items believes it no more" eventually 5 changes_no_more
api POST /auth/refresh '' "{\"refresh_token\":\"$REFRESH_ada\"}"
is_problem 401 invalid_token
login ada
api GET /auth/user "$TOKEN_ada"
is_problem 403 forbidden "signed in again, she is none"
change "$ID_ada" '{"roles":["customer"]}'
api GET /auth/me "$TOKEN_ada"
is_status 200 "where nothing is taken, nothing ends"

story "Disabling ends her sessions everywhere within five seconds"
api POST /item "$TOKEN_ada" '{"name":"Lamp","price":{"amount":1,"currency":"EUR"},"stock":1}'
is_status 201
item=$(json .id)
change "$ID_ada" '{"disabled":true}'
is_status 200
json_is .disabled true
is_refused() { # PATH
	api GET "$1" "$TOKEN_ada"
	[ "$STATUS" = 401 ]
}
ok "items refuses her token" eventually 5 is_refused /order
ok "and so does notifications" eventually 5 is_refused /notification
api GET /auth/me "$TOKEN_ada"
is_problem 401 invalid_token
api POST /auth/refresh '' "{\"refresh_token\":\"$REFRESH_ada\"}"
is_problem 401 invalid_token
api POST /auth/login '' "{\"email\":\"$EMAIL_ada\",\"password\":\"$PASSWORD_ada\"}"
is_problem 401 invalid_credentials
api GET "/item/$item"
is_status 200 "what she sells stays"
change "$ID_ada" '{"disabled":false}'
is_status 200
login ada
pass "enabled, she signs in"

story "Two administrators take each other's role at once: one stays"
new_user second
change "$ID_second" '{"roles":["customer","admin"]}'
login second
sql "UPDATE users SET roles = '{customer}' WHERE 'admin' = ANY (roles) AND id NOT IN ('$ID_boss', '$ID_second')"
take() { # TOKEN FROM
	curl --silent --noproxy '*' --request PATCH --header 'Content-Type: application/json' --output /dev/null \
		--write-out '%{http_code}\n' --header "Authorization: Bearer $1" \
		--data '{"roles":["customer"]}' "$GATEWAY_URL/auth/user/$2"
}
take "$TOKEN_boss" "$ID_second" >"$STORY_DIR/one" &
take "$TOKEN_second" "$ID_boss" >"$STORY_DIR/two"
wait
is "$(sort "$STORY_DIR/one" "$STORY_DIR/two" | xargs)" "200 401" "one is told that they are none"
is "$(sql "SELECT count(*) FROM users WHERE 'admin' = ANY (roles)")" 1 "and one is left"
make_admin boss
login boss
change "$ID_second" '{"roles":["customer"]}'
change "$ID_boss" '{"roles":["customer"]}'
is_problem 409 conflict "the last one stays"

story "The audit tells people of themselves"
api GET /auth/audit "$TOKEN_ada"
is_status 200
json_holds ".data | length > 3 and all(.user_id == \"$ID_ada\")"
json_holds '.data[0] | keys == ["action","actor_id","address","at","detail","id","user_agent","user_id"]'
json_is '[.data[].action] | map(select(. == "account_administered")) | length' 4
json_is "[.data[] | select(.action == \"account_administered\")] | all(.actor_id == \"$ID_boss\")" true "by whom"
json_like '.data[0].address' '^127\.0\.0\.1$'
api GET '/auth/audit?limit=2' "$TOKEN_ada"
json_is '.data | length' 2
first=$(json '.data[1].id')
api GET "/auth/audit?limit=2&cursor=$(json .next_cursor)" "$TOKEN_ada"
json_holds ".data[0].id < \"$first\"" "the next page goes on"
api GET '/auth/audit?user_id=x' "$TOKEN_ada"
is_problem 422 validation_failed
api GET /auth/audit
is_problem 401 missing_token

story "And administrators of all"
api GET '/auth/audit?limit=100' "$TOKEN_boss"
json_holds "[.data[].user_id] | contains([\"$ID_ada\", \"$ID_boss\"])"

story "Who serves owns nothing and can't change what is"
refused() { # SERVICE SQL
	local url=$1_DATABASE_URL
	[[ $(psql -qAtX -d "${!url}" -c "$2" 2>&1) =~ permission\ denied|must\ be\ owner ]]
}
asked() { # SERVICE SQL
	local url=$1_DATABASE_URL
	psql -qAtX -d "${!url}" -c "$2"
}
for service in AUTH NOTIFIER; do
	is "$(asked $service 'SELECT (SELECT count(*) FROM pg_class WHERE relowner = r.oid)
		+ (SELECT count(*) FROM pg_proc WHERE proowner = r.oid)
		+ (SELECT count(*) FROM pg_namespace WHERE nspowner = r.oid)
		+ (SELECT count(*) FROM pg_database WHERE datdba = r.oid)
		+ (SELECT count(*) FROM pg_auth_members WHERE member = r.oid)
		FROM pg_roles r WHERE rolname = current_user')" 0 "${service,,}: no table, function, schema, database or role"
	is "$(asked $service 'SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
		FROM pg_roles WHERE rolname = current_user')" f "${service,,}: no power over the server"
	for statement in 'CREATE TABLE mine (x int)' 'CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1' \
		'UPDATE schema_migrations SET version = 0'; do
		ok "${service,,}: no $statement" refused $service "$statement"
	done
done
ok "notifier: no TRUNCATE jobs" refused NOTIFIER 'TRUNCATE jobs'
for statement in 'ALTER TABLE users ADD x int' 'DROP TABLE audit' "SELECT app_grants('auth_app')" \
	'DELETE FROM audit' "UPDATE audit SET action = ''" 'TRUNCATE audit' 'TRUNCATE users CASCADE' \
	'ALTER TABLE audit DISABLE TRIGGER ALL' "INSERT INTO app_privileges VALUES ('audit', 'ALL')"; do
	ok "auth: no $statement" refused AUTH "$statement"
done

done_testing
