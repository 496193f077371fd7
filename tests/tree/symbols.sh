#!/bin/sh
# symbols.sh SHARED STATIC HEADERS: the shared library exports every function of the public headers and nothing else; the static one keeps
# to our two prefixes, since its internal names meet those of the program it is linked into.
set -eu
shared=$1 static=$2 headers=$3

declared=$(sed -n 's/^BOMBUS_API .*[ *]\(bombus_[a-z0-9_]*\)(.*/\1/p' "$headers"/*.h | sort -u)
exported=$(nm -D --defined-only "$shared" | awk '{ print $3 }' | sort -u)
status=0

# complain TEXT NAMES
complain()
{
    if [ -n "$2" ]; then
        echo "$1:" $2
        status=1
    fi
}
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
echo "$declared" >"$temporary/declared"
echo "$exported" >"$temporary/exported"
complain "declared but not exported" "$(comm -23 "$temporary/declared" "$temporary/exported")"
complain "exported but in no public header" "$(comm -13 "$temporary/declared" "$temporary/exported")"
complain "global names in $static without our prefix" \
    "$(nm -g --defined-only "$static" 2>/dev/null | awk 'NF == 3 { print $3 }' | grep -vE '^(bombus|bb)_' || true)"
exit $status
