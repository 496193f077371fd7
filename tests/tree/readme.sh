#!/bin/sh
# readme.sh ROOT: the C in README.md is a stretch of examples/generate.c, which is built with everything else: what is shown compiles.
set -eu
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n '/^```c$/,/^```$/p' "$root/README.md" | sed '1d;$d' >"$work/shown"
[ -s "$work/shown" ] || { echo "README.md shows no C"; exit 1; }
first=$(head -n 1 "$work/shown")
sed 's/^    //' "$root/examples/generate.c" | grep -A "$(($(wc -l <"$work/shown") - 1))" -xF -m 1 -- "$first" >"$work/built" || true
diff "$work/shown" "$work/built"
