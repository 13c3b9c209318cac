-- What stands between a guesser and an account: counts of failures, limits, second factors.

-- Failures in a row, by bucket: 'a…' of an account from everywhere, 'p…' of an account and an
-- address, 'd…' of a device that the account signed in by.  An account may not exist.
TRUNCATE login_failures;
ALTER TABLE login_failures RENAME account_hash TO bucket;

-- When the account's owner was told last that too many sign-ins fail.
ALTER TABLE users ADD attack_told_at timestamptz;

-- Where accounts signed in lately: IPv4 addresses, and the /64 of IPv6 ones.
CREATE TABLE known_addresses (
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	address text NOT NULL,
	last_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, address)
);
CREATE INDEX known_addresses_old ON known_addresses (last_at);
INSERT INTO app_privileges (table_name, privileges) VALUES
	('known_addresses', 'SELECT, INSERT, UPDATE, DELETE');

-- Limits by address that pods share (GCRA).  Not logged: after a crash everybody begins anew.
CREATE UNLOGGED TABLE rate_limits (
	key text PRIMARY KEY,               -- of the policy and the address
	whole_at timestamptz NOT NULL       -- when nothing of the window is used any more
) WITH (fillfactor = 70);
INSERT INTO app_privileges (table_name, privileges) VALUES
	('rate_limits', 'SELECT, INSERT, UPDATE, DELETE');

-- The second factor (RFC 6238).  It counts from its confirmation on.
CREATE TABLE totp (
	user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
	secret text NOT NULL,               -- sealed: AES-256-GCM
	pepper_id text NOT NULL,            -- of the pepper whose key sealed it
	confirmed_at timestamptz,
	last_step bigint NOT NULL DEFAULT 0, -- no code of this time step or before is good again
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE recovery_codes (
	user_id uuid NOT NULL REFERENCES totp ON DELETE CASCADE,
	code_hash text NOT NULL,
	PRIMARY KEY (user_id, code_hash)
);
-- Sign-ins whose password was right, and whose code is awaited.
CREATE TABLE mfa_challenges (
	token_hash text PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	password_version text NOT NULL,     -- of the password that was checked
	tries integer NOT NULL DEFAULT 0,   -- counted before each code is looked at
	expires_at timestamptz NOT NULL
);
CREATE INDEX mfa_challenges_of_user ON mfa_challenges (user_id);
CREATE INDEX mfa_challenges_expiring ON mfa_challenges (expires_at);
INSERT INTO app_privileges (table_name, privileges) VALUES
	('totp', 'SELECT, INSERT, UPDATE, DELETE'),
	('recovery_codes', 'SELECT, INSERT, DELETE'),
	('mfa_challenges', 'SELECT, INSERT, UPDATE, DELETE');

-- Searching accounts by words of name and address.
CREATE FUNCTION user_words(email_key text, name text) RETURNS tsvector
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN to_tsvector('simple', translate(email_key || ' ' || name, '@._-+/:', '       '));
CREATE INDEX users_words ON users USING gin (user_words(email_key, name));
CREATE INDEX users_admins ON users (id) WHERE 'admin' = ANY (roles) AND NOT disabled;
