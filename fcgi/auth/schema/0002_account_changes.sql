-- What changes an account: its profile, its sessions, its password; and its end.

-- What the role that serves requests may do with each table.  A migration that adds a table adds
-- its row here.
CREATE TABLE app_privileges (
	table_name name PRIMARY KEY,
	privileges text NOT NULL
);
INSERT INTO app_privileges (table_name, privileges) VALUES
	('users', 'SELECT, INSERT, UPDATE, DELETE'),
	('sessions', 'SELECT, INSERT, UPDATE, DELETE'),
	('refresh_rotations', 'SELECT, INSERT, UPDATE, DELETE'),
	('email_tokens', 'SELECT, INSERT, UPDATE, DELETE'),
	('login_failures', 'SELECT, INSERT, UPDATE, DELETE'),
	('outbox', 'SELECT, INSERT, UPDATE, DELETE'),
	('audit', 'SELECT, INSERT'),
	('schema_migrations', 'SELECT');

-- Called after every --migrate.
CREATE OR REPLACE FUNCTION app_grants(app_role text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	given app_privileges;
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app_role);
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', app_role);
	FOR given IN SELECT * FROM app_privileges LOOP
		EXECUTE format('GRANT %s ON %I TO %I', given.privileges, given.table_name, app_role);
	END LOOP;
END
$$;

-- Of an account that was deleted there remains, until no token of it can be alive, which of its
-- sessions ended and when.
ALTER TABLE sessions ALTER user_id DROP NOT NULL,
	DROP CONSTRAINT sessions_user_id_fkey,
	ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL,
	DROP CONSTRAINT sessions_end_reason_check,
	ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN ('signed_out',
		'signed_out_everywhere', 'session_ended', 'refresh_reused', 'password_changed',
		'password_reset', 'account_disabled', 'account_deleted'));

-- Who asked for a link to reset a password, whether there is such an account or not: so that both
-- cost the same.  What comes of it is done after the answer.
CREATE TABLE reset_requests (
	id uuid PRIMARY KEY,
	email_key text NOT NULL,
	traceparent text,
	address text NOT NULL,
	user_agent text NOT NULL
);
INSERT INTO app_privileges (table_name, privileges) VALUES
	('reset_requests', 'SELECT, INSERT, UPDATE, DELETE');

CREATE FUNCTION reset_requests_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('auth_reset_requests', '');
	RETURN NULL;
END
$$;
CREATE TRIGGER reset_requests_notify AFTER INSERT ON reset_requests
	FOR EACH STATEMENT EXECUTE FUNCTION reset_requests_notify();
