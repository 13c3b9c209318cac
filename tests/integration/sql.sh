# shellcheck shell=bash
# A look into the notifier's database.  To be read after lib.sh.

sql() { # QUERY
	psql -qAtX -d "$NOTIFIER_DATABASE_URL" -c "$1"
}

sql_is() { # VALUE QUERY
	[ "$(sql "$2")" = "$1" ]
}
