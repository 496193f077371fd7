# Builds for 64-bit ARM on another machine, with Debian's gcc-aarch64-linux-gnu and libc6-dev-arm64-cross; ctest runs the programs under
# qemu-user, whose processor the environment's QEMU_CPU chooses ("max" has what there is, "cortex-a53" the least).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
