-- What an account's end takes along, and by which indexes it is found.

-- Ended sessions are an account's too, and they go as fast as the living ones.
DROP INDEX sessions_of_user;
CREATE INDEX sessions_of_user ON sessions (user_id);

-- An outbox is long while the broker is away.
CREATE INDEX outbox_of_subject ON outbox ((body::jsonb->>'subject'));

-- The audit of an account that is gone tells what was done and when, but from where only for its
-- end.  Whoever serves can't change the audit; that an account ends does.
CREATE FUNCTION audit_forget_places() RETURNS trigger LANGUAGE plpgsql
	SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
	UPDATE audit SET address = NULL, user_agent = NULL
	WHERE user_id = OLD.id AND action <> 'deleted';
	RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION audit_forget_places() FROM PUBLIC;
CREATE TRIGGER audit_forget_places AFTER DELETE ON users
	FOR EACH ROW EXECUTE FUNCTION audit_forget_places();
