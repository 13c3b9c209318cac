# shellcheck shell=bash
# For stories about mails: whether they come, and what they say.  To be read after lib.sh.

# A mail is there within two seconds, as the shop promises of a host that has time for it.
PATIENCE_S=2

# Decodes MAIL into the files plain, html and subject.
open_mail() {
	python3 - "${MAIL:-/dev/null}" "$STORY_DIR" <<'END'
import email
import email.policy
import pathlib
import sys

with open(sys.argv[1], "rb") as file:
    mail = email.message_from_binary_file(file, policy=email.policy.default)
folder = pathlib.Path(sys.argv[2])
for kind in "plain", "html":
    texts = [p.get_content() for p in mail.walk() if p.get_content_type() == "text/" + kind]
    (folder / kind).write_text("".join(texts))
(folder / "subject").write_text(str(mail["Subject"]))
END
}

# has plain|html TEXT, lacks plain|html TEXT: about MAIL.
has() {
	if grep -qF -- "$2" "$STORY_DIR/$1"; then
		pass "$1 says '$2'"
	else
		fail "$1 says '$2'" "$(head -n 60 "$STORY_DIR/$1")"
	fi
}
lacks() {
	if grep -F -- "$2" "$STORY_DIR/$1" >"$STORY_DIR/found"; then
		fail "$1 does not say '$2'" "$(cat "$STORY_DIR/found")"
	else
		pass "$1 does not say '$2'"
	fi
}

subject() { cat "$STORY_DIR/subject"; }

arrives() { # USER TEMPLATE [COUNT]: the newest of that many, in MAIL and opened
	local email=EMAIL_$1
	ok "$1 gets the mail $2 in time" eventually "$PATIENCE_S" mail_to "${!email}" "$2" "${3:-1}"
	# shellcheck disable=SC2012  # the stack names these files
	MAIL=$(mails "${!email}" "$2" | xargs -r ls -t | head -n 1)
	open_mail
}

# The token in the link of MAIL.
token() {
	grep -oE '\?token=[A-Za-z0-9_-]+' "$STORY_DIR/plain" | head -n 1 | cut -d= -f2
}

is_well_formed() { # USER TEMPLATE
	local id=ID_$1 email=EMAIL_$1
	is "$(mail_header X-Shop-Template)" "$2" "X-Shop-Template names the template"
	local event from
	from=$(mail_header From)
	from=${from%>}
	event=$(mail_header X-Shop-Event)
	ok "X-Shop-Event is an id" grep -qxE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' <<<"$event"
	is "$(mail_header Message-ID)" "<$event.$2.${!id}@${from##*@}>" "Message-ID follows from the event"
	is "$(mail_header X-RcptTo)" "${!email}" "it goes to $1 alone"
	ok "it is text and HTML" grep -qi '^multipart/alternative' <<<"$(mail_header Content-Type)"
	has html '<!DOCTYPE html>'
	lacks plain '{{'
	lacks html '{{'
	lacks html '<img'
	ok "it has a date" test -n "$(mail_header Date)"
}
