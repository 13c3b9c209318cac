# shellcheck shell=bash
# The stores, the broker and the mail server of a local stack.  Each part has start_PART, which
# returns at once, ready_PART, which tells whether it answers, and stop_PART.  A part whose address
# is given (DATABASE_URL, MONGODB_URI, AMQP_URL, SMTP_URL) stands elsewhere and isn't started.

# --- PostgreSQL ----------------------------------------------------------------------------------

postgres_bin() {
	local version='*' found
	[ ! -s "$STATE/data/postgres/PG_VERSION" ] || version=$(<"$STATE/data/postgres/PG_VERSION")
	# shellcheck disable=SC2086  # a pattern
	found=$(printf '%s\n' /usr/lib/postgresql/$version/bin/postgres | sort -V | tail -n 1)
	if [ -x "$found" ]; then
		dirname "$found"
	elif command -v postgres >/dev/null; then
		dirname "$(command -v postgres)"
	else
		fail "no PostgreSQL ($version) found; make install installs it"
	fi
}

start_postgres() {
	local bin data=$STATE/data/postgres
	bin=$(postgres_bin)
	if [ ! -s "$data/PG_VERSION" ]; then
		rm -rf "$data"
		"${AS[@]}" "$bin/initdb" -D "$data" -U postgres --pwfile="$(secret postgres_password)" \
			--auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync \
			>"$STATE/log/initdb.log" 2>&1 ||
			fail "initdb failed: $(tail -n 3 "$STATE/log/initdb.log")"
	fi
	forget_dead_postmaster "$data"
	spawn postgres "$bin/postgres" -D "$data" -p "$POSTGRES_PORT" -h 127.0.0.1 \
		-c unix_socket_directories= -c password_encryption=scram-sha-256 \
		-c max_connections=200 -c shared_buffers=64MB -c log_line_prefix='%m [%p] %d '
}

# PostgreSQL takes the postmaster of its lock file for alive as long as a process of that number is
# there, even a dead one that nobody waited for, as under an init that does not.  We know that ours
# has ended; its children, who work in the data folder, must have too.
forget_dead_postmaster() {
	local pid
	[ -e "$1/postmaster.pid" ] || return 0
	until_true $KILL_S nobody_works_in "$1" || fail "a PostgreSQL still runs in $1"
	read -r pid <"$1/postmaster.pid"
	started_at "$pid" >/dev/null || rm -f "$1/postmaster.pid"
}
nobody_works_in() {
	[ -z "$(find /proc/[0-9]*/cwd -maxdepth 0 -lname "$1" 2>/dev/null)" ]
}

# The address with which databases and roles are made.
postgres_admin_url() {
	echo "${DATABASE_URL:-postgresql://postgres:$(<"$STATE/secrets/postgres_password")@127.0.0.1:$POSTGRES_PORT/postgres}"
}

ready_postgres() {
	PGCONNECT_TIMEOUT=2 psql -qAtX -d "$(postgres_admin_url)" -c 'SELECT 1' >/dev/null 2>&1
}

stop_postgres() { stop_process postgres INT; }

# database_url ROLE DATABASE: the admin's address with another role and database.
database_url() {
	local url
	url=$(postgres_admin_url)
	printf '%s\n' "$url" | sed -E "s#^(postgres(ql)?://)([^@/]*@)?([^/?]*)(/[^?]*)?#\1$1:$(<"$(secret "$1_password")")@\4/$2#"
}

# Makes a service's database with its roles: the owner, who migrates, and those that serve, who may do
# what the schema grants them and nothing else.
make_database() { # NAME SERVING-ROLE...
	local name=$1 owner=${1}_owner role roles=
	shift
	[ ! -e "$STATE/data/database-$name-roles" ] || [ -n "${DATABASE_URL-}" ] || return 0
	for role in "$owner" "$@"; do
		roles+="${roles:+, }'$role'"
	done
	{
		cat <<END
SELECT 'CREATE ROLE ' || r FROM unnest(ARRAY[$roles]) r
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec
GRANT $owner TO CURRENT_USER;
SELECT 'CREATE DATABASE $name OWNER $owner ENCODING ''UTF8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$name') \gexec
REVOKE ALL ON DATABASE $name FROM PUBLIC;
END
		for role in "$owner" "$@"; do
			cat <<END
ALTER ROLE $role LOGIN PASSWORD '$(<"$(secret "${role}_password")")';
GRANT CONNECT ON DATABASE $name TO $role;
END
		done
	} | psql -qAtX -v ON_ERROR_STOP=1 -d "$(postgres_admin_url)" >>"$STATE/log/databases.log" 2>&1 ||
		fail "can't make the database $name: $(tail -n 1 "$STATE/log/databases.log")"
	: >"$STATE/data/database-$name-roles"
}

# --- MongoDB -------------------------------------------------------------------------------------
# mongod where there is one; else SecantusDB, which speaks its protocol for one host.

# Prints the path of a server that the account can run.
mongodb_program() {
	local name path
	for name in mongod secantusd-rs; do
		path=$(command -v "$name") || continue
		path=$(realpath "$path")
		if "${AS[@]}" test -x "$path"; then
			echo "$path"
		else
			install -m 755 "$path" "$STATE/bin/$name"
			echo "$STATE/bin/$name"
		fi
		return
	done
	secantus_program
}

# SecantusDB from PyPI, in an environment that all stacks of this host, or of this checkout, share.
secantus_program() {
	local venv=$PWD/build/secantus-0.7.0b3 log=$STATE/log/secantus-install.log
	if [ -n "$ACCOUNT" ]; then
		install -d -m 711 /var/lib/shop
		venv=/var/lib/shop/${venv##*/}
	fi
	mkdir -p "${venv%/*}"
	(
		flock 8
		[ ! -e "$venv/complete" ] || exit 0
		say "  no mongod here: installing SecantusDB"
		rm -rf "$venv"
		/usr/bin/python3 -m venv "$venv" >"$log" 2>&1 &&
			"$venv/bin/pip" install --quiet --disable-pip-version-check SecantusDB==0.7.0b3 >>"$log" 2>&1 ||
			fail "no mongod, and SecantusDB can't be installed: $(tail -n 1 "$log")"
		: >"$venv/complete"
		give_to_account "$venv"
	) 8>"$venv.lock"
	echo "$venv/bin/secantusd-py"
}

start_mongodb() {
	local program data=$STATE/data/mongodb
	program=$(mongodb_program)
	[ -d "$data" ] || install -d -m 700 "$data"
	give_to_account_flat "$data"
	case $program in
	*/mongod)
		spawn mongodb "$program" --dbpath "$data" --bind_ip 127.0.0.1 --port "$MONGODB_PORT" \
			--nounixsocket --wiredTigerCacheSizeGB 0.25
		;;
	*/secantusd-rs)
		spawn mongodb "$program" --host 127.0.0.1 --port "$MONGODB_PORT" --storage-path "$data" \
			--sync-on-commit --standalone --cache-size 256M --log-level WARNING
		;;
	*)
		spawn mongodb "$program" --host 127.0.0.1 --port "$MONGODB_PORT" --storage-path "$data" \
			--sync-on-commit
		;;
	esac
}

ready_mongodb() { is_listening "$MONGODB_PORT"; }
stop_mongodb() { stop_process mongodb TERM; }

# --- RabbitMQ ------------------------------------------------------------------------------------
# A private node: its own name, cookie, port mapper and data, on loopback only.

# Runs or prints nothing of the host's own RabbitMQ: every path is given.
rabbitmq_env() {
	local data=$STATE/data/rabbitmq
	RABBITMQ_ENV=(env "HOME=$data" LANG=C.UTF-8 "PATH=$PATH"
		"RABBITMQ_CONF_ENV_FILE=$STATE/etc/rabbitmq-env.conf"
		"RABBITMQ_NODENAME=shop-$AMQP_PORT@localhost"
		"RABBITMQ_CONFIG_FILE=$STATE/etc/rabbitmq.conf"
		"RABBITMQ_ADVANCED_CONFIG_FILE=$STATE/etc/rabbitmq-advanced.config"
		"RABBITMQ_GENERATED_CONFIG_DIR=$data/config"
		"RABBITMQ_ENABLED_PLUGINS_FILE=$STATE/etc/rabbitmq-plugins"
		"RABBITMQ_MNESIA_BASE=$data/mnesia"
		"RABBITMQ_LOG_BASE=$STATE/log" RABBITMQ_LOGS=-
		"RABBITMQ_DIST_PORT=$ERLANG_PORT" "ERL_EPMD_PORT=$EPMD_PORT" ERL_EPMD_ADDRESS=127.0.0.1
		# Its launcher then becomes the server instead of watching it.
		RUNNING_UNDER_SYSTEMD=true
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+S 2:2 +A 4 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}")
}

start_rabbitmq() {
	local data=$STATE/data/rabbitmq
	[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || fail "no RabbitMQ found; make install installs it"
	rabbitmq_env
	[ -d "$data" ] || install -d -m 700 "$data"
	give_to_account_flat "$data"
	[ -s "$data/.erlang.cookie" ] || {
		put "$data/.erlang.cookie" <"$(secret erlang_cookie)"
		chmod 400 "$data/.erlang.cookie"
	}
	: >"$STATE/etc/rabbitmq-env.conf"
	echo '[].' >"$STATE/etc/rabbitmq-plugins"
	echo '[].' >"$STATE/etc/rabbitmq-advanced.config"
	give_to_account_flat "$STATE/etc/"rabbitmq-*
	# default_user takes the place of guest.
	put "$STATE/etc/rabbitmq.conf" <<END
listeners.tcp.1 = 127.0.0.1:$AMQP_PORT
default_user = shop
default_pass = $(<"$(secret amqp_password)")
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 200MB
END
	spawn epmd "${RABBITMQ_ENV[@]}" epmd -port "$EPMD_PORT" -address 127.0.0.1
	spawn rabbitmq "${RABBITMQ_ENV[@]}" /usr/lib/rabbitmq/bin/rabbitmq-server
}

# The listener opens when all else of the node is up.
ready_rabbitmq() { is_listening "$AMQP_PORT"; }

stop_rabbitmq() {
	# While it still boots it does not heed a request to stop, and has nothing to lose.
	if ready_rabbitmq; then
		stop_process rabbitmq TERM
	else
		stop_process rabbitmq KILL
	fi
	stop_process epmd TERM
}

# --- mail ----------------------------------------------------------------------------------------

start_smtp() {
	install -m 644 dev/smtp.py "$STATE/bin/smtp.py"
	spawn smtp /usr/bin/python3 "$STATE/bin/smtp.py" "$SMTP_PORT" "$STATE/mail"
}

ready_smtp() { is_listening "$SMTP_PORT"; }
stop_smtp() { stop_process smtp TERM; }
