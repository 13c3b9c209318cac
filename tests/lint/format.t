#!/bin/bash
# The layout of the C sources is .clang-format's.
. "$(dirname "$0")/tap.sh"

# Each release of clang-format differs a little: Debian 12's is the measure.
version=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" = 14 ]; then
	all_sources | xargs -r clang-format --dry-run 2>&1 | { grep 'clang-format-violations' || true; } |
		cut -d: -f1,2 | rule "clang-format would change nothing (make format does it)"
else
	skip_rule "clang-format would change nothing" "clang-format 14 is not installed"
fi

done_rules
