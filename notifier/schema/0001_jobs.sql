-- Who can be written to, what is to be sent to them, and each try at sending it.

-- Learnt from user.* events.  A deleted account leaves its id and time alone, so that an older event
-- that comes late does not bring it back.
CREATE TABLE contacts (
	user_id uuid PRIMARY KEY,
	email text NOT NULL,
	name text NOT NULL,
	locale text NOT NULL DEFAULT '',
	deleted boolean NOT NULL DEFAULT false,
	updated_at timestamptz NOT NULL      -- the event's time
);

-- The unique key is what makes a repeated event harmless.  A worker that takes a job counts up
-- attempts and moves due_at to the end of its lease: if it dies, the job is simply due again, and if
-- it was only slow, its result no longer fits the number of attempts and is dropped.
CREATE TABLE jobs (
	id uuid PRIMARY KEY,
	event_id uuid NOT NULL,
	event_type text NOT NULL,
	channel text NOT NULL,               -- email, webhook
	template text NOT NULL,
	recipient uuid NOT NULL,             -- a user's id, a webhook's id
	data text,                           -- what it will say; gone once it is finished
	traceparent text,
	state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
	attempts integer NOT NULL DEFAULT 0,
	due_at timestamptz NOT NULL DEFAULT now(),
	waits_for_contact boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	CONSTRAINT jobs_once UNIQUE (event_id, channel, template, recipient)
) WITH (fillfactor = 80);

CREATE INDEX jobs_due ON jobs (due_at) WHERE state = 'queued';
CREATE INDEX jobs_waiting ON jobs (recipient) WHERE state = 'queued' AND waits_for_contact;
CREATE INDEX jobs_failed ON jobs (finished_at) WHERE state = 'failed';
CREATE INDEX jobs_of_recipient ON jobs (recipient, id);

CREATE TABLE attempts (
	job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
	number integer NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	duration_ms integer NOT NULL,
	result text NOT NULL CHECK (result IN ('sent', 'try_later', 'refused')),
	detail text NOT NULL,                -- the other side's last words
	PRIMARY KEY (job_id, number)
);

CREATE FUNCTION app_grants(app_role text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', app_role);
	EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', app_role);
	EXECUTE format('GRANT SELECT, INSERT, UPDATE ON contacts, jobs, attempts TO %I', app_role);
	EXECUTE format('GRANT SELECT ON schema_migrations TO %I', app_role);
END
$$;
REVOKE EXECUTE ON FUNCTION app_grants(text) FROM PUBLIC;
