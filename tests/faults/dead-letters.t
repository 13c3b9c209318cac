#!/bin/bash
# What the notifier can't understand or deliver is kept, told apart, sent again or dropped; and a
# queue that somebody deletes or replaces is missed no longer than it must be.
# shellcheck source=tests/faults/lib/notifier.sh
. "$(dirname "$0")/lib/notifier.sh"
use_stack

dead() { # list|replay|drop...
	DATABASE_URL=$NOTIFIER_DATABASE_URL SMTP_URL=smtp://127.0.0.1 LOG_LEVEL=error \
		"$BUILD/notifier" --dead "$@" >"$STORY_DIR/dead" 2>"$STORY_DIR/said"
}
broker() {
	"$BUILD/tests/broker" "$@"
}
uuid() { sql "SELECT id_new()"; }

# lists REGEX: one line of the list is so, its tabs being spaces.
lists() {
	dead list && tr '\t' ' ' <"$STORY_DIR/dead" | grep -qE "$1"
}
lacks() { ! lists "$1"; }
# Whoever looks through the letters gives back those that stay a moment after it ended.
can() { # drop|replay ID
	eventually 20 dead "$@"
}

event() { # ID VERSION DATA
	printf '{"specversion":"%s","id":"%s","type":"user.registered","source":"/auth","time":"%s","data":%s}' \
		"$2" "$1" "$(date -u +%FT%TZ)" "$3"
}

export AMQP_URL
dead drop --all
new_trade dead
user=ID_$SELLER email=EMAIL_$SELLER

story "What is no event of ours goes to the dead letters, and stops nobody"
NOT_JSON=$(uuid) FUTURE=$(uuid) LACKING=$(uuid)
printf '{' | broker publish shop.events user.registered "$NOT_JSON"
event "$FUTURE" 2.0 '{}' | broker publish shop.events user.registered "$FUTURE"
event "$LACKING" 1.0 '{"user":{}}' | broker publish shop.events user.registered "$LACKING"
printf 'hello' | broker publish shop.events user.x ''
buys 1
mails_arrive 1 30
ok "not JSON" eventually 20 lists "^letter $NOT_JSON rejected notifier.account not JSON$"
ok "of another version" eventually 20 lists "^letter $FUTURE rejected notifier.account a CloudEvent of version 2.0, not 1$"
ok "without what its type promises" eventually 20 lists "^letter $LACKING rejected notifier.account its data lack what its type promises$"
ok "without an id" eventually 20 lists "^letter [0-9a-f]{16} rejected notifier.account not JSON$"
counted() {
	api GET "$NOTIFIER_URL/metrics"
	grep -q "^shop_notifier_dead_letters $1$" "$BODY_FILE"
}
ok "their number is a metric" eventually 20 counted 4

story "They are sent again, or dropped, by their ids"
ok "one is dropped" can drop "$NOT_JSON"
ok "the others are not" eventually 20 lists "$FUTURE"
ok "it is gone" lacks "$NOT_JSON"
GOOD=$(uuid)
event "$GOOD" 1.0 "{\"user\":{\"id\":\"${!user}\",\"email\":\"${!email}\",\"name\":\"Dead\"},\"verification_token\":\"again-$GOOD\"}" |
	broker publish shop.dead notifier.dead "$GOOD"
ok "one that is good after all" eventually 20 lists "^letter $GOOD "
ok "is sent again" can replay "$GOOD"
is_mailed() { mails "${!email}" welcome | tr '\n' '\0' | xargs -0r grep -l "^X-Shop-Event: $GOOD" | grep -q .; }
ok "and arrives" eventually 20 is_mailed
ok "one that is bad" can replay "$FUTURE"
ok "comes back" eventually 20 lists "^letter $FUTURE rejected"
dead drop "$(uuid)"
is $? 1 "an id that is nobody's is a failure"
dead destroy --all
is $? 64 "so are other words"
dead drop
is $? 64 "and none at all"

story "So are jobs that were given up"
JOB=$(sql "UPDATE jobs SET state = 'failed', data = '{\"token\":\"x\"}' WHERE event_id = '$GOOD' RETURNING id")
ok "it is listed" lists "^job $JOB .* user.registered email/welcome 2"
ok "it is sent again" dead replay "$JOB"
is_sent() { [ "$(sql "SELECT state FROM jobs WHERE id = '$JOB'")" = sent ]; }
ok "and arrives" eventually 20 is_sent
sql "UPDATE jobs SET state = 'failed' WHERE id = '$JOB'"
ok "or dropped" dead drop "$JOB"
ok "as letters are" can drop "$FUTURE"
is "$(sql "SELECT count(*) FROM jobs WHERE id = '$JOB'")" 0 "and gone"
is_empty() { dead drop --all && dead list && [ ! -s "$STORY_DIR/dead" ]; }
ok "all of them are dropped at once" eventually 20 is_empty

story "What is done is forgotten after a while"
sql "INSERT INTO jobs (id, event_id, event_type, channel, template, recipient, state) VALUES
	('01700000-0000-7000-8000-000000000001', id_new(), 'x', 'email', 'x', id_new(), 'sent')"
stack restart notifier
is_forgotten() { [ "$(sql "SELECT count(*) FROM jobs WHERE id < '01800000-0000-7000-8000-000000000001'")" = 0 ]; }
ok "it is deleted" eventually 20 is_forgotten
is "$(sql "SELECT count(*) > 0 FROM jobs WHERE state = 'sent'")" t "what is younger stays"

story "A queue that is deleted is made again"
broker delete notifier.shop
ok "the notifier is ready again" eventually 30 is_ready "$NOTIFIER_URL"
new_trade deleted
buys 2
mails_arrive 2 30

story "A queue with other arguments is told of, and taken when it is gone"
broker replace notifier.shop
names_it() {
	api GET "$NOTIFIER_URL/readyz"
	[ "$(json '.checks[] | select(.name == "rabbitmq").detail')" = \
		"queue notifier.shop exists with other arguments, or is forbidden" ]
}
ok "readiness names it" eventually 30 names_it
is_status 503
ok "the log has the broker's words" eventually 20 grep -q 'broker refused.*notifier.shop.*PRECONDITION_FAILED' \
	"$SHOP_STACK_DIR/log/notifier.log"
broker delete notifier.shop
ok "the notifier is ready again" eventually 30 is_ready "$NOTIFIER_URL"
new_trade replaced
buys 2
mails_arrive 2 30

done_testing
