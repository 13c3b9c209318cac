-- Accounts, sessions, and what is written beside them in the same transaction.
-- Hashes are base64url texts of SHA-256; ids are UUIDv7 made by the program.

CREATE FUNCTION unix_ms(at timestamptz) RETURNS bigint
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN floor(extract(epoch FROM at) * 1000)::bigint;

CREATE TABLE users (
	id uuid PRIMARY KEY,
	email text NOT NULL,                -- as it was given
	email_key text NOT NULL CONSTRAINT users_email_taken UNIQUE, -- NFC and case-folded
	name text NOT NULL,
	locale text,
	roles text[] NOT NULL DEFAULT '{customer}'
		CHECK (roles <@ '{customer,admin}' AND cardinality(roles) > 0),
	email_verified boolean NOT NULL DEFAULT false,
	disabled boolean NOT NULL DEFAULT false,
	password_hash text NOT NULL,        -- $2b$…
	pepper_id text NOT NULL,            -- which pepper went into it
	password_changed_at timestamptz NOT NULL DEFAULT now(), -- no rehash
	created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
	updated_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now())
);

-- A session is a family of refresh tokens, of which the latest is good: its hash and number are
-- here.  mac_key tells old tokens of the family from forged ones without keeping a row for each.
-- No indexed column changes at a refresh, so that it is a HOT update.
CREATE TABLE sessions (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users,
	mac_key text NOT NULL,
	generation integer NOT NULL,
	token_hash text NOT NULL,
	user_agent text NOT NULL,
	address text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_used_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	ended_at timestamptz,
	end_reason text
		CHECK (end_reason IN ('signed_out', 'signed_out_everywhere', 'refresh_reused')),
	CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX sessions_of_user ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

-- The rotations of the last seconds: the salt makes the same successor from the same token again.
CREATE TABLE refresh_rotations (
	session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
	generation integer NOT NULL,        -- of the token that was used
	token_hash text NOT NULL,
	salt text NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (session_id, generation)
);

-- Single-use links in mails, bound to the address they were sent to.
CREATE TABLE email_tokens (
	token_hash text PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
	purpose text NOT NULL CHECK (purpose IN ('verify', 'reset')),
	email_key text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL
);
CREATE INDEX email_tokens_of_user ON email_tokens (user_id);
CREATE INDEX email_tokens_expiring ON email_tokens (expires_at);

-- Failed sign-ins in a row, by the hash of the address: for accounts that don't exist too.
CREATE TABLE login_failures (
	account_hash text PRIMARY KEY,
	failures integer NOT NULL,
	last_at timestamptz NOT NULL DEFAULT now(),
	locked_until timestamptz
);
CREATE INDEX login_failures_old ON login_failures (last_at);

-- Append-only.  No foreign keys: it outlives what it tells of.
CREATE TABLE audit (
	id uuid PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	actor_id uuid,                      -- NULL: nobody who was signed in
	user_id uuid,                       -- NULL: an account that does not exist
	action text NOT NULL,
	address text,
	user_agent text,
	detail jsonb
);
CREATE INDEX audit_of_user ON audit (user_id, id);

CREATE TABLE outbox (
	id uuid PRIMARY KEY,
	type text NOT NULL,
	traceparent text,
	body text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('auth_outbox', '');
	RETURN NULL;
END
$$;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
	FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();

-- What the role that serves requests may do; called after every --migrate.
CREATE FUNCTION app_grants(app_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app_role);
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', app_role);
	EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, refresh_rotations,'
		' email_tokens, login_failures, outbox TO %I', app_role);
	EXECUTE format('GRANT SELECT, INSERT ON audit TO %I', app_role);
	EXECUTE format('GRANT SELECT ON schema_migrations TO %I', app_role);
END
$$;
REVOKE EXECUTE ON FUNCTION app_grants(text) FROM PUBLIC;
