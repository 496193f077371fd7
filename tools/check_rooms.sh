#!/bin/sh
# check_rooms.sh [ROOT]: a room includes only rooms above it (docs/architecture.md), and what stands outside src/ only public headers.
#
# Prints each include that breaks the rule as file:line: reason, and fails if there is one.
set -eu
cd "${1:-$(dirname "$0")/..}"

# From the ground up. A folder of src/ that is missing here is an error, so that a new room gets its place.
rooms="base tensor backend io text model adapter generate train bench"

{
    grep -rnE '^[[:space:]]*#[[:space:]]*include' src --include='*.[ch]'
    for outside in include cli server examples elixir; do
        if [ -d "$outside" ]; then
            grep -rnE '^[[:space:]]*#[[:space:]]*include' "$outside" --include='*.[ch]' || true
        fi
    done
} | awk -v rooms="$rooms" '
    function complain(reason) {
        print place ": " reason
        bad = 1
    }
    BEGIN {
        count = split(rooms, order, " ")
        for (i = 1; i <= count; i++)
            rank[order[i]] = i
    }
    {
        split($0, part, ":")
        place = part[1] ":" part[2]
        file = part[1]
        included = $0
        quoted = included ~ /include[[:space:]]*"/
        sub(/^[^"<]*["<]/, "", included)
        sub(/[">].*$/, "", included)
        depth = split(file, from, "/")
        split(included, to, "/")

        if (from[1] != "src") {
            if (quoted && (from[1] == "include" || included ~ /\//))
                complain("\"" included "\": only <bombus/...> may be included from " from[1] "/")
            next
        }
        if (depth < 3)
            complain("a source file belongs in a room of src/")
        else if (!(from[2] in rank))
            complain("src/" from[2] "/ is no room: give it its place in tools/check_rooms.sh")
        else if (quoted && included !~ /\//)
            complain("\"" included "\": write the room too: \"" from[2] "/" included "\"")
        else if (quoted && !(to[1] in rank))
            complain("\"" included "\": there is no such room")
        else if (quoted && rank[to[1]] > rank[from[2]])
            complain(from[2] " must not include " to[1] ", which is below it")
        # A backend is known to the registry alone; the others reach it through backend.h.
        else if (quoted && included ~ /^backend\/[^\/]*\// && from[2] != "backend")
            complain("\"" included "\": only src/backend/ may look into a backend; include \"backend/backend.h\"")
        else if (quoted && included ~ /^backend\/[^\/]*\// && depth > 3 && from[3] != to[2])
            complain("backend " from[3] " must not include backend " to[2])
    }
    END { exit bad }
'
