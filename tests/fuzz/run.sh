#!/bin/sh
# run.sh TARGET CORPUS FOUND: fuzzes for FUZZ_SECONDS (5), from the committed CORPUS and what earlier runs FOUND.
#
# New inputs go to FOUND, crashes beside it. FUZZ_SEED fixes the order of mutations (0: another each time).
set -eu
target=$1 corpus=$2 found=$3

mkdir -p "$found"
if ! "$target" -max_total_time="${FUZZ_SECONDS:-5}" -seed="${FUZZ_SEED:-0}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="$found-" "$found" "$corpus"; then
    echo "The input that did it stands above, after 'Test unit written to'. To see it again:"
    echo "    $target FILE"
    echo "Once that is mended, copy the file to $corpus under a name that says what it is: every later 'make test' replays it."
    exit 1
fi
