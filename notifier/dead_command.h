/*
 * notifier/dead_command: `notifier --dead list|replay|drop [ID...|--all]`.
 *
 * On dead letters, by the event's id, or, where that can't be read, by a digest of the letter; and
 * on jobs that were given up, by the job's id.
 */
#ifndef NOTIFIER_DEAD_COMMAND_H
#define NOTIFIER_DEAD_COMMAND_H

#define DEAD_COMMAND_FLAG     "--dead"
#define DEAD_COMMAND_ARGUMENT "list|replay|drop ID..."

/* SETTINGS: struct notifier_settings.  WORDS: "replay 0190… 0191…", "drop --all".  Returns the exit
 * status: EX_USAGE for other words, EXIT_FAILURE when an id is nobody's. */
int dead_command_run(void *settings, const char *words);

#endif
