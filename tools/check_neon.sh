#!/bin/sh
# check_neon.sh DIRECTORY: builds the rooms base, tensor and backend for 64-bit ARM in DIRECTORY, static and without other libraries, and
# runs their tests under qemu-user: on a processor that has all extensions, where no kernel set may be passed over, and those of products on
# one that has none, where the plain set has to do.
set -eu
cd "$(dirname "$0")/.."
directory=$1

if [ "$(uname -m)" = aarch64 ]; then
    echo "SKIP: on an ARM machine every test runs these kernels"
    exit 77
fi
for program in aarch64-linux-gnu-gcc qemu-aarch64-static; do
    if ! command -v "$program" >/dev/null; then
        echo "SKIP: there is no $program here (tools/setup.sh check installs it)"
        exit 77
    fi
done

# run PROCESSOR CTEST_OPTION...: what the tests print goes to $log
run()
{
    processor=$1
    log=$directory/$processor.log
    shift
    if ! QEMU_CPU=$processor ctest --test-dir "$directory" --no-tests=error -j"$(nproc)" --verbose "$@" >"$log" 2>&1; then
        cat "$log"
        return 1
    fi
    grep '% tests passed' "$log" | sed "s/^/$processor: /"
}

cmake -S . -B "$directory" -G Ninja -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux.cmake -DBOMBUS_CORE=ON >/dev/null
ninja -C "$directory" -j"$(nproc)" --quiet
run max
if grep 'SKIP kernels' "$log"; then
    echo "a processor with all extensions was said to lack some" >&2
    exit 1
fi
run cortex-a53 -R '^backend\.(dot|fast|kernels)$'
for kernels in dotprod i8mm; do
    if ! grep -q "SKIP kernels \"$kernels\"" "$log"; then
        echo "the kernels \"$kernels\" were not passed over on a processor without them" >&2
        exit 1
    fi
done
