#!/bin/sh
# The rooms' include rule holds, and each way to break it is noticed.
set -eu
root=$1
"$root/tools/check_rooms.sh" "$root"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
# refused FILE LINE: a tree whose FILE holds LINE must not pass.
refused()
{
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/src/base" "$(dirname "$tree/$1")"
    echo '#include "base/base.h"' >"$tree/src/base/base.c"
    "$root/tools/check_rooms.sh" "$tree" # passes as it is
    echo "$2" >"$tree/$1"
    if "$root/tools/check_rooms.sh" "$tree"; then
        echo "not noticed: $1: $2"
        exit 1
    fi
}
refused src/base/a.c '#include "tensor/tensor.h"'
refused src/model/a.h '  #  include "generate/session.h"'
refused src/model/a.c '#include "backend/cpu/cpu.h"'
refused src/backend/cpu/a.c '#include "backend/cuda/cuda.h"'
refused src/base/a.c '#include "error.h"'
refused src/base/a.c '#include "nowhere/error.h"'
refused src/nowhere/a.c '#include <stdio.h>'
refused src/a.c '#include <stdio.h>'
refused cli/a.c '#include "base/json.h"'
refused examples/a.c '#include "model/config.h"'
refused include/bombus/a.h '#include "error.h"'
