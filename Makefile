# The two commands of the README, and what developers type. CMake and Ninja do the work.
BUILD ?= build
TYPE  ?= Release

.PHONY: all setup build test check-all fuzz install demo format clean

all: build

setup:
	@tools/setup.sh

build: setup
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=$(TYPE) >/dev/null
	@ninja -C $(BUILD)

test: build
	@ctest --test-dir $(BUILD) --output-on-failure -j2

clean:
	rm -rf build build-*
