-- Who loses a role loses the sessions whose tokens name it.
ALTER TABLE sessions
	DROP CONSTRAINT sessions_end_reason_check,
	ADD CONSTRAINT sessions_end_reason_check CHECK (end_reason IN ('signed_out',
		'signed_out_everywhere', 'session_ended', 'refresh_reused', 'password_changed',
		'password_reset', 'role_taken', 'account_disabled', 'account_deleted'));
