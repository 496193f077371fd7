#!/bin/sh
# example.sh GENERATE MODEL: the README's program says what MLX says.
set -eu
generate=$1 model=$2
if [ ! -f "$model/golden.json" ]; then
    echo "SKIP: no model at $model"
    exit 77
fi
line=$("$generate" "$model" "Once upon a time" | head -n 1)
echo "$line"
[ "${#line}" -gt 100 ]
grep -qF "\"greedy_text\": \"$line" "$model/golden.json"
