#!/bin/bash
# Sizes at which a reader loses the thread.
. "$(dirname "$0")/tap.sh"

all_sources | xargs -r wc -l | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }' |
	rule "a file has 400 lines at most"

# Functions begin and end with a brace in the first column.
all_sources | xargs -r awk '
	FNR == 1 { start = 0 }
	/^{/ { start = FNR }
	/^}/ && start {
		if (FNR - start + 1 > 80)
			print FILENAME ":" start ": " FNR - start + 1 " lines"
		start = 0
	}' | rule "a function has 80 lines at most"

all_sources | while IFS= read -r file; do
	expand -t 8 "$file" | LC_ALL=C.UTF-8 awk -v file="$file" '
		{ line = $0; gsub(/[\200-\277]/, "", line) }
		length(line) > 100 { print file ":" NR ": " length(line) " columns" }'
done | rule "a line has 100 columns at most, tabs being 8"

# A module may be spread over several files: amqp_publish.c may implement part of amqp.h.
program_sources | grep -E '\.c$' | while IFS= read -r file; do
	[[ $file != */main.c ]] || continue
	module=${file%.c}
	until [ -e "$module.h" ]; do
		shorter=${module%_*}
		if [ "$shorter" = "$module" ]; then
			echo "$file has no ${file%.c}.h"
			break
		fi
		module=$shorter
	done
done | rule "each .c has its .h, but for main.c"

all_sources | xargs -r grep -nE '[[:blank:]]$' | rule "no line ends in blanks"

done_rules
