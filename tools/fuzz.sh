#!/bin/sh
# fuzz.sh SECONDS [SEED]: builds the libFuzzer targets in build-fuzz/ and runs each for SECONDS, as many at once as there are cores.
#
# SEED fixes the order of mutations, so that a short run does the same each time; without it every run goes its own way.
# What is found stays in build-fuzz/found/, where the next run begins.
set -eu
cd "$(dirname "$0")/.."

if ! command -v clang >/dev/null; then
    echo "SKIP: fuzzing needs clang and its runtime (libclang-rt-dev)"
    exit 0
fi
CC=clang cmake -S . -B build-fuzz -G Ninja -DCMAKE_BUILD_TYPE=Debug -DBOMBUS_FUZZ=ON -DBOMBUS_SANITIZE=address,undefined >/dev/null
ninja -C build-fuzz fuzz
export FUZZ_SECONDS="$1" FUZZ_SEED="${2:-0}"
ctest --test-dir build-fuzz --output-on-failure --timeout "$(($1 + 120))" -j"$(nproc)"
