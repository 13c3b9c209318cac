-- Where people want the events of their items and orders sent.  A delivery is a job by the channel
-- webhook: its recipient is the webhook's id, its template '', its data the body to send, which
-- stays after the job is finished, so that it can be sent again.

-- A UUIDv7, as the programs make them, for rows that a statement makes by itself.
CREATE FUNCTION id_new() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
	RETURN encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
		PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
		FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid;

CREATE FUNCTION unix_ms(at timestamptz) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
	RETURN floor(extract(epoch FROM at) * 1000)::bigint;

CREATE TABLE webhooks (
	id uuid PRIMARY KEY,
	owner_id uuid NOT NULL,
	url text NOT NULL,
	events text[] NOT NULL CHECK (cardinality(events) > 0),
	secret text NOT NULL,                -- whsec_…; it signs, so that no hash of it would do
	previous_secret text,                -- signs too, until then
	previous_secret_until timestamptz,
	status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
	disabled_reason text CHECK (disabled_reason IS NULL OR status = 'disabled'),
	failing_since timestamptz,           -- the first failure after the last success
	created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
	updated_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
	CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
);
CREATE INDEX webhooks_of_owner ON webhooks (owner_id, id);

-- Answers to POST /webhook that had an Idempotency-Key, kept for 24 hours.
CREATE TABLE webhook_requests (
	owner_id uuid NOT NULL,
	key text NOT NULL,
	fingerprint text NOT NULL,
	status integer NOT NULL,
	content_type text NOT NULL,
	location text,
	etag text,
	body text NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (owner_id, key)
);
CREATE INDEX webhook_requests_old ON webhook_requests (at);

-- A delivery sent again by hand goes through the whole schedule once more: it counts from here.
ALTER TABLE jobs ADD COLUMN schedule_from integer NOT NULL DEFAULT 0;

-- Of a webhook's attempts; `detail` then says why no answer counted, '' when one did.
ALTER TABLE attempts
	ADD COLUMN status_code integer,
	ADD COLUMN response text CHECK (octet_length(response) <= 1024);

CREATE TABLE outbox (
	id uuid PRIMARY KEY,
	type text NOT NULL,
	traceparent text,
	body text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION outbox_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('notifier_outbox', '');
	RETURN NULL;
END
$$;
CREATE TRIGGER outbox_notify AFTER INSERT ON outbox
	FOR EACH STATEMENT EXECUTE FUNCTION outbox_notify();

-- What a role that serves may do with each table: the notifier's, and that of notifications.fcgi,
-- which sees no addresses and no events that wait, where it has one of its own.  A migration that
-- adds a table adds its rows here.
CREATE TABLE app_privileges (
	program text NOT NULL CHECK (program IN ('notifier', 'notifications')),
	table_name name NOT NULL,
	privileges text NOT NULL,
	PRIMARY KEY (program, table_name)
);
INSERT INTO app_privileges (program, table_name, privileges) VALUES
	('notifier', 'contacts', 'SELECT, INSERT, UPDATE'),
	('notifier', 'jobs', 'SELECT, INSERT, UPDATE, DELETE'),
	('notifier', 'attempts', 'SELECT, INSERT, UPDATE'),
	('notifier', 'webhooks', 'SELECT, INSERT, UPDATE, DELETE'),
	('notifier', 'webhook_requests', 'SELECT, INSERT, UPDATE, DELETE'),
	('notifier', 'outbox', 'SELECT, INSERT, UPDATE, DELETE'),
	('notifier', 'schema_migrations', 'SELECT'),
	('notifications', 'jobs',
		'SELECT, INSERT, DELETE, UPDATE (state, due_at, finished_at, schedule_from)'),
	('notifications', 'attempts', 'SELECT'),
	('notifications', 'webhooks', 'SELECT, INSERT, UPDATE, DELETE'),
	('notifications', 'webhook_requests', 'SELECT, INSERT, UPDATE, DELETE'),
	('notifications', 'schema_migrations', 'SELECT');

CREATE FUNCTION grant_privileges(to_role text, of_program text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	given app_privileges;
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', to_role);
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', to_role);
	FOR given IN SELECT * FROM app_privileges WHERE program = of_program LOOP
		EXECUTE format('GRANT %s ON %I TO %I', given.privileges, given.table_name, to_role);
	END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION grant_privileges(text, text) FROM PUBLIC;

-- Called after every --migrate.
CREATE OR REPLACE FUNCTION app_grants(app_role text) RETURNS void LANGUAGE sql AS $$
	SELECT grant_privileges(app_role, 'notifier');
$$;
CREATE FUNCTION api_grants(api_role text) RETURNS void LANGUAGE sql AS $$
	SELECT grant_privileges(api_role, 'notifications');
$$;
REVOKE EXECUTE ON FUNCTION api_grants(text) FROM PUBLIC;
