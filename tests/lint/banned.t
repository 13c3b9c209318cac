#!/bin/bash
# Functions with no bound, with hidden state or with a shell in them, and how to do without.
. "$(dirname "$0")/tap.sh"

# The sources without comments and string literals.
code() {
	program_sources | while IFS= read -r file; do
		gcc -fpreprocessed -dD -E -w -x c "$file" 2>/dev/null |
			awk -v file="$file" '
				/^# [0-9]+ "/ { line = $2 - 1; next }
				{ line++; gsub(/"([^"\\]|\\.)*"/, "\"\""); print file ":" line ": " $0 }'
	done
}
code=$(code)

calls() { # NAMES, separated by |
	grep -E "(^|[^A-Za-z0-9_])($1)[ ]*\(" <<<"$code" |
		grep -vE '# *pragma' || true
}

calls 'sprintf|vsprintf|strcpy|strcat|strncpy|strncat|stpcpy|gets' | rule "strings are bounded: use str and buf"
calls 'strtok' | rule "strtok keeps state: use str"
calls 'atoi|atol|atoll|atof' | rule "numbers are checked: use num"
calls 'gmtime|localtime|ctime|asctime|mktime' | rule "times are UTC and without shared state: use clock"
calls 'strerror' | rule "strerror is not safe in threads: strerror_r, or the log's"
calls 'rand|srand|random|srandom|drand48' | rule "random numbers come from the system: use id"
calls 'system|popen' | rule "no shell is started"
calls 'alloca' | rule "nothing of unknown size stands on the stack"
calls 'setenv|putenv|unsetenv|getpwnam|gethostbyname|inet_ntoa' | rule "no function with shared state"

done_rules
