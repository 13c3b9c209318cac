-- Mails are taken by the time they are due; deliveries endpoint by endpoint, so that one which has
-- thousands waiting is passed by as quickly as any other.
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (channel, due_at) WHERE state = 'queued';
CREATE INDEX jobs_of_endpoint ON jobs (recipient, due_at)
	WHERE state = 'queued' AND channel = 'webhook';
