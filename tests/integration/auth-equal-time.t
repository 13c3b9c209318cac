#!/bin/bash
# Does the time of an answer tell whether there is an account?  Asked by HTTP, as a guesser would.
# shellcheck source=tests/integration/lib.sh
. "$(dirname "$0")/lib.sh"
use_stack

is_alike() { # PATH STATUS ONE OTHER: as equal_time.py takes them
	local said
	said=$(python3 "$SHOP_ROOT/tests/integration/equal_time.py" "$GATEWAY_URL" "$@" 2>&1)
	note "$said"
	if [[ $said =~ t\^2\ =\ ([0-9]+)\. ]] && [ "${BASH_REMATCH[1]}" -lt 25 ]; then
		pass "$1: t is below 5"
	else
		fail "$1: t is below 5" "$said"
	fi
}

new_user ada
# Fifty and three like her.
psql -qAtX -d "$AUTH_DATABASE_OWNER_URL" -c "
	INSERT INTO users (id, email, email_key, name, password_hash, pepper_id)
	SELECT (left(id::text, 24) || lpad(n::text, 12, '0'))::uuid, address, address, name, password_hash, pepper_id
	FROM users, generate_series(0, 52) n, format('known-%s-$RUN_ID@example.org', n) address
	WHERE id = '$ID_ada'" || bail "no accounts were made"

story "Signing in to an account that is one, and to one that is not"
is_alike /auth/login 401 "{\"email\":\"known-%d-$RUN_ID@example.org\",\"password\":\"a wrong guess\"}" \
	"{\"email\":\"ghost-%d-$RUN_ID@example.org\",\"password\":\"a wrong guess\"}"

story "A forgotten password of an account that is one, and of one that is not"
is_alike /auth/password/forgot 202 "{\"email\":\"$EMAIL_ada\"}" "{\"email\":\"who-$RUN_ID@example.org\"}"

done_testing
