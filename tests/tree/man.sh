#!/bin/sh
# man.sh BOMBUS MAN: the man page and `bombus help COMMAND` know the same commands and options.
set -eu
bombus=$1 man=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

commands=$("$bombus" help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
[ -n "$commands" ]
for command in $commands; do
    grep -q "^\.Cm $command\$" "$man" || { echo "bombus $command is not in the synopsis of $man"; exit 1; }
    "$bombus" help "$command" | sed -n 's/^  [- ][a-z ][, ] --\([a-z-]*\).*/\1/p'
done | sort -u | grep -vx help >"$work/program"
sed -n '/^\.Ss generate/,/^\.Sh EXIT/s/^\.It //p' "$man" | tr ' ' '\n' | sed -n 's/^\\-//p' | sort -u >"$work/man"
diff "$work/program" "$work/man" || { echo "(< bombus help, > $man)"; exit 1; }
