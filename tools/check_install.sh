#!/bin/sh
# check_install.sh BUILD: installs BUILD into a directory, moves it, and uses it from there as a stranger would: program, man page, headers
# in C and in C++, both libraries through pkg-config, CMake's find_package.
set -eu
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
version=$(sed -n 's/^project(bombus VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
prefix="$work/moved"
library=$(dirname "$(find "$prefix" -name libbombus.a)")
export PKG_CONFIG_PATH="$library/pkgconfig" LD_LIBRARY_PATH="$library"

# same WHAT FOUND EXPECTED
same()
{
    if [ "$2" != "$3" ]; then
        echo "$1: $2, expected $3"
        exit 1
    fi
    echo "$1: $2"
}

same "bombus version" "$("$prefix/bin/bombus" version)" "bombus $version"
(cd / && "$prefix/bin/bombus" generate --seed 1 "Write a post about Elixir" >"$work/post" 2>"$work/said")
grep -q "comes with bombus: $(realpath "$prefix")/share/bombus/models" "$work/said" && [ -s "$work/post" ] || { cat "$work/said"; exit 1; }
echo "bombus generate: the installed model answers"
same "pkg-config" "$(pkg-config --modversion bombus)" "$version"
mandoc -T lint -W warning "$prefix/share/man/man1/bombus.1"

for header in "$prefix"/include/bombus/*.h; do
    gcc -std=c17 -Wall -Wextra -pedantic -Werror -fsyntax-only $(pkg-config --cflags bombus) -x c "$header"
    clang++ -std=c++17 -Wall -Wextra -Werror -Wno-pragma-once-outside-header -fsyntax-only $(pkg-config --cflags bombus) -x c++ "$header"
done
echo "headers: each stands alone, in C17 and in C++17"

cat >"$work/main.c" <<'EOF'
#include <bombus/bombus.h>
#include <stdio.h>

int main(void)
{
    bombus_error err;
    bombus_model *model;
    bombus_status status = bombus_model_load(&model, "/nonexistent", NULL, &err);
    printf("%s %s\n", bombus_version(), bombus_status_name(status));
    return 0;
}
EOF
cd "$work"
gcc -o shared main.c $(pkg-config --cflags --libs bombus)
same "shared library" "$(./shared)" "$version ENOTFOUND"
readelf -d shared | grep -q 'NEEDED.*libbombus\.so\.[0-9]' || { echo "shared: needs no libbombus.so.N"; exit 1; }
gcc -o static main.c $(pkg-config --cflags --static --libs bombus | sed 's/-lbombus/-l:libbombus.a/')
same "static library" "$(LD_LIBRARY_PATH='' ./static)" "$version ENOTFOUND"

cat >CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.22)
project(user C)
find_package(bombus REQUIRED)
add_executable(with_shared main.c)
target_link_libraries(with_shared bombus::shared)
add_executable(with_static main.c)
target_link_libraries(with_static bombus::static)
EOF
cmake -S . -B user -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
ninja -C user --quiet
same "CMake, shared" "$(user/with_shared)" "$version ENOTFOUND"
same "CMake, static" "$(user/with_static)" "$version ENOTFOUND"
