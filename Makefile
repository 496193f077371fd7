# What people type; CMake and Ninja do the work. `make help` lists it.
BUILD        ?= build
TYPE         ?= Release
JOBS         ?= $(shell nproc)
PREFIX       ?= /usr/local
PROMPT       ?= Write a post about Elixir
FUZZ_SECONDS ?= 600
SHAPE        ?= qwen3-0.6b

SOURCES = find . -path './build*' -prune -o -name '*.[ch]' -print

.PHONY: help all setup build test demo bench check check-all fuzz format format-check install uninstall clean
.DEFAULT_GOAL = all

all: build

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

setup: ## install the Debian packages that building needs, where they are missing
	@tools/setup.sh build

build: setup ## build the library and the program in build/
	@cmake -S . -B $(BUILD) -G Ninja -DCMAKE_BUILD_TYPE=$(TYPE) -DCMAKE_INSTALL_PREFIX=$(PREFIX) >/dev/null
	@ninja -C $(BUILD) -j$(JOBS)

test: ## build, fuzz each parser for a few seconds, run every test
	@tools/setup.sh test
	@$(MAKE) --no-print-directory build
	@tools/fuzz.sh 5 1
	@ctest --test-dir $(BUILD) --output-on-failure -j$(JOBS)

demo: build ## stream a post from the model that comes with bombus; MODEL=dir and PROMPT='...' for another
	@echo
	$(BUILD)/cli/bombus generate $(if $(MODEL),--model "$(MODEL)") --max-tokens 200 "$(PROMPT)"
	@echo
	@echo "Try next:"
	@echo "  $(BUILD)/cli/bombus generate \"A funny post about rain, please\"     # each time another"
	@echo "  $(BUILD)/cli/bombus chat                                        # a conversation; /help lists what it takes"
	@echo "  make demo MODEL=path/to/Qwen3-0.6B-4bit PROMPT=\"Why is the sky blue?\""
	@echo "  $(BUILD)/cli/bombus help"

bench: ## measure this machine and a model of SHAPE (qwen3-0.6b) with random weights: the tables of README and docs/performance.md
	@$(MAKE) --no-print-directory build
	@$(BUILD)/cli/bombus bench --random $(SHAPE) --compute fast --kv f16 --threads 1,0 -p 512,2048 -n 64 --depth 0,2048 --batch 1,8 --markdown

check: format-check ## what is quick to check: format and the rooms' include rule
	@tools/check_rooms.sh

check-all: ## both compilers, all sanitizers, a debug build, ARM emulated, longer fuzzing, format, install
	@tools/setup.sh check
	@tools/check_all.sh

fuzz: ## fuzz each parser for FUZZ_SECONDS (600)
	@tools/setup.sh test
	@tools/fuzz.sh $(FUZZ_SECONDS)

format: ## reformat the sources
	@tools/setup.sh check
	@$(SOURCES) | xargs clang-format -i

format-check: ## fail where `make format` would change something
	@tools/setup.sh check
	@$(SOURCES) | xargs clang-format --dry-run -Werror

install: ## install what `make build` built under PREFIX (/usr/local); DESTDIR is respected
	@test -f $(BUILD)/build.ninja || { echo "make install: nothing is built yet: make build" >&2; exit 1; }
	@cmake --install $(BUILD) --prefix "$(PREFIX)"

uninstall: ## remove what `make install` installed
	@test -f $(BUILD)/install_manifest.txt || { echo "make uninstall: $(BUILD)/ does not know of an installation" >&2; exit 1; }
	@sed 's|^|$(DESTDIR)|' $(BUILD)/install_manifest.txt | xargs -d '\n' rm -fv --

clean: ## remove all build directories
	rm -rf build build-*
