#!/bin/sh
# check_all.sh: everything that must hold before a change lands, beyond `make test`. Each leg has a build directory of its own.
#
# A leg that fails does not stop the others; the last line counts all.
set -eu
cd "$(dirname "$0")/.."

jobs=$(nproc)
passed=0 failed=0 skipped=0 failures=""

# leg NAME COMMAND...: status 77 says that the machine lacks what it takes
leg()
{
    name=$1
    shift
    echo "=== $name"
    start=$(date +%s)
    status=0
    "$@" || status=$?
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
        echo "=== $name: passed, $(($(date +%s) - start)) s"
    elif [ "$status" -eq 77 ]; then
        skipped=$((skipped + 1))
        echo "=== $name: SKIP"
    else
        failed=$((failed + 1))
        failures="$failures [$name]"
        echo "=== $name: FAILED"
    fi
}

# build_and_test DIRECTORY COMPILER CTEST_OPTIONS CMAKE_OPTION...
build_and_test()
{
    directory=$1 compiler=$2 select=$3
    shift 3
    CC=$compiler cmake -S . -B "$directory" -G Ninja "$@" >/dev/null &&
        ninja -C "$directory" -j"$jobs" --quiet &&
        ctest --test-dir "$directory" --output-on-failure --no-tests=error -j"$jobs" $select
}

# A size that cannot be had is NULL, as it is without a sanitizer.
export ASAN_OPTIONS=allocator_may_return_null=1:detect_stack_use_after_return=1 TSAN_OPTIONS=allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1

leg "format" make --no-print-directory format-check
leg "gcc, Release" build_and_test build-gcc gcc "" -DCMAKE_BUILD_TYPE=Release
leg "clang, Release" build_and_test build-clang clang "" -DCMAKE_BUILD_TYPE=Release
leg "gcc, Debug" build_and_test build-debug gcc "" -DCMAKE_BUILD_TYPE=Debug
leg "gcc, Debug, AddressSanitizer and UBSan" build_and_test build-asan gcc "" -DCMAKE_BUILD_TYPE=Debug -DBOMBUS_SANITIZE=address,undefined
leg "gcc, Debug, ThreadSanitizer" build_and_test build-tsan gcc "-L threads" -DCMAKE_BUILD_TYPE=Debug -DBOMBUS_SANITIZE=thread
leg "ARM: NEON and its extensions, emulated" tools/check_neon.sh build-neon
leg "fuzzing" tools/fuzz.sh 15
leg "install" tools/check_install.sh build-gcc

if [ "$failed" -gt 0 ]; then
    echo "failed:$failures"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
