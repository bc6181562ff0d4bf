# Ringside: what one types. `make` alone lists it. Written for GNU make 3.81, which macOS has.

CARGO   ?= cargo
CHANNEL := $(shell sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
WASM    := wasm32-unknown-unknown
TARGET  := $(abspath $(or $(CARGO_TARGET_DIR),target))

comma := ,

# Every step says what it does before it does it; in bold where somebody looks on.
say = @if [ -t 1 ]; then printf '\n\033[1m── %s\033[0m\n' "$(1)"; else printf '\n── %s\n' "$(1)"; fi

.PHONY: help run dev t test test-rust e2e e2e-asterisk e2e-sources check licences bench soak fuzz site tools
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

run: tools site ## build a release and start `ringside demo`: a made-up floor, its address printed (ARGS=… adds options)
	$(call say,server: building a release)
	$(CARGO) build --release -p server
	$(call say,starting the demo)
	$(TARGET)/release/ringside demo $(ARGS)

dev: tools ## build for debugging, start `ringside demo`, and again whenever a source changes
	@./end2end/dev.sh $(ARGS)

# No more than it takes: the domain's tests without the pages, the server's without those of `app`. The server alone has the
# same features as both together, so that nothing is compiled twice for it.
ROOM := $(firstword $(subst ::, ,$(NAME)))
PURE := compliance contract domain kpi view
t: ## the tests of one module alone: NAME=law::change, kpi, ui::pages; or those from outside: NAME=tests/rooms, tests/rooms::no_room
	@test -n "$(NAME)" || { echo "say which: make t NAME=law::change, or NAME=tests/rooms"; exit 2; }
	$(if $(filter tests/%,$(NAME)),$(CARGO) test -p app -p server --test all -- $(NAME:tests/%=%) $(ARGS),\
	$(if $(filter $(PURE),$(ROOM)),$(CARGO) test -p app --lib $(NAME) -- $(ARGS),\
	$(CARGO) test $(if $(wildcard app/src/$(ROOM) app/src/$(ROOM).rs),-p app) -p server --lib $(NAME) -- $(ARGS)))

test: test-rust e2e e2e-sources $(if $(wildcard end2end/asterisk/run.sh),e2e-asterisk) ## every test there is: Rust, browser, senders' own libraries and a real Asterisk where they can be had
	$(call say,all tests passed)

test-rust: tools site ## the tests in Rust alone
	$(call say,tests: the site's packer)
	$(CARGO) test -p pack -p licences
	$(call say,tests: domain and pages and server)
	./end2end/mariadb/bed.sh with ./end2end/postgres/bed.sh with $(CARGO) test -p app -p server
	$(call say,tests: a server on the oldest PostgreSQL)
	RINGSIDE_TEST_SUITE=bookworm ./end2end/postgres/bed.sh with $(CARGO) test -p app -p server --test all -- audit:: dump:: --skip sqlite --skip timescale

# With `--tests`, although it runs none: then cargo chooses the same features as in test-rust, and compiles once.
e2e: tools site ## the browser's tests (end2end/), against the debug build; TESTS=name picks some
	$(call say,browser tests: Node and Chromium)
	@./end2end/prepare.sh
	$(call say,browser tests: the server they talk to)
	$(CARGO) build -p app -p server --bins --tests
	$(call say,browser tests)
	cd end2end && RINGSIDE_BINARY=$(TARGET)/debug/ringside npx playwright test $(TESTS)

e2e-asterisk: tools ## calls through a real Asterisk (needs root and Debian's packages; says so and goes on where they are not)
	$(call say,a real Asterisk)
	./end2end/asterisk/run.sh

e2e-sources: tools ## webhooks as the senders' own libraries sign them (needs Node and its packages; says so and goes on where they are not)
	$(call say,senders' own libraries)
	./end2end/sources/run.sh

check: tools ## formatting, lints as errors, documentation
	$(call say,formatting)
	$(CARGO) fmt --all --check
	$(call say,lints: the pure domain)
	$(CARGO) clippy -p app --all-targets -- -D warnings
	$(call say,lints: pages and server)
	$(CARGO) clippy -p app -p server --all-targets -- -D warnings
	$(call say,lints: the site's packer)
	$(CARGO) clippy -p pack --all-targets -- -D warnings
	$(call say,lints: what runs in the browser)
	$(CARGO) clippy -p app -p frontend --target $(WASM) -- -D warnings
	$(call say,what the binary is made of: licences$(comma) bans$(comma) doubles$(comma) what nothing uses)
	$(CARGO) clippy -p licences --all-targets -- -D warnings
	$(CARGO) run -q -p licences -- --check
	$(call say,advisories (RustSec): weaknesses known of what is used)
	$(CARGO) run -q -p licences -- --advisories
	$(call say,documentation)
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps -p app -p server

licences: tools ## write server/licences/kept anew: notices and bill of materials (after a change of Cargo.lock)
	$(CARGO) run -q -p licences

bench: tools site ## how fast: ingest, TimescaleDB, viewers, first page, event to pixel, monitor; BENCH_ONLY=trend by five million calls
	$(call say,benches: a release build of server and bench)
	$(CARGO) bench -p server --bench floor --no-run
	$(call say,benches)
	RINGSIDE_TEST_FSYNC=on RINGSIDE_TEST_BUFFERS=1GB RINGSIDE_TEST_WAL=8GB ./end2end/postgres/bed.sh with $(CARGO) bench -p server --bench floor

soak: tools site ## whether memory has a plateau: six hours of a floor in a quarter of one, server and pages (SOAK_HOURS, SOAK_PACE, SOAK_TIMES); on Linux
	$(call say,soak: Node and Chromium)
	@./end2end/prepare.sh
	$(call say,soak: a release build)
	$(CARGO) build --release -p server
	$(call say,soak)
	cd end2end && RINGSIDE_BINARY=$(TARGET)/release/ringside node soak/soak.mjs

fuzz: tools ## a minute of spoiled input for each parser (RINGSIDE_FUZZ_SECONDS; RINGSIDE_FUZZ_FROM=100000000 tries others)
	$(call say,fuzz)
	$(CARGO) test -p app -p server --lib fuzz::each_parser -- --ignored --nocapture

site: tools ## what a browser loads: WASM, script, style, fonts (does nothing when nothing changed)
	$(call say,site)
	$(CARGO) run -p pack

# The compiler of rust-toolchain.toml and its wasm target. Some machines forbid rustup to fetch them by itself
# (RUSTUP_AUTO_INSTALL=0), so ask it to, once.
tools:
	@command -v rustup >/dev/null || { echo "rustup is missing: see https://rustup.rs"; exit 1; }
	@command -v cc >/dev/null || { echo "a C compiler is missing: apt install gcc libc6-dev, or xcode-select --install"; exit 1; }
	@rustup run $(CHANNEL) cargo clippy --version >/dev/null 2>&1 && rustup run $(CHANNEL) cargo fmt --version >/dev/null 2>&1 \
		|| { echo "fetching Rust $(CHANNEL)"; rustup toolchain install $(CHANNEL) --profile minimal --component rustfmt,clippy --no-self-update; }
	@rustup target list --toolchain $(CHANNEL) --installed | grep -qx $(WASM) \
		|| { echo "fetching the $(WASM) target"; rustup target add --toolchain $(CHANNEL) $(WASM); }
