# Makes each service's database with its roles: the owner, who migrates, and those that serve, who may
# do what the schema grants them and nothing else.  Read in by the image's entry point, once, before the
# server can be reached; passwords are files below /etc/postgresql/passwords.
# shellcheck shell=bash

make_database() { # NAME SERVING-ROLE...
	local name=$1 owner=${1}_owner role
	shift
	{
		for role in "$owner" "$@"; do
			printf "CREATE ROLE %s LOGIN PASSWORD '%s';\n" "$role" \
				"$(sed "s/'/''/g" "/etc/postgresql/passwords/$role")"
		done
		printf "CREATE DATABASE %s OWNER %s ENCODING 'UTF8' TEMPLATE template0;\n" "$name" "$owner"
		printf 'REVOKE ALL ON DATABASE %s FROM PUBLIC;\n' "$name"
		for role in "$owner" "$@"; do
			printf 'GRANT CONNECT ON DATABASE %s TO %s;\n' "$name" "$role"
		done
	} | psql -qAtX -v ON_ERROR_STOP=1 -U postgres -d postgres
}

make_database auth auth_app
make_database notifier notifier_app notifier_api
