#!/usr/bin/env bash
# Builds llama.cpp's own batched bench from the very libraries that clinic is linked with, into the
# user's cache, and prints its path. `make bench` builds those libraries first.
# The crate leaves llama.cpp's tools out, so the bench's two files come from llama-cpp-python.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/clinic/batched-bench
root=$(cd "$(dirname "$0")/.." && pwd)
die() { printf 'batched-bench: %s\n' "$*" >&2; exit 1; }

library=$(ls -t "${CARGO_TARGET_DIR:-$root/target}"/release/build/llama-cpp-sys-2-*/out/lib/libllama.a \
  2>/dev/null | head -n 1)
[ -n "$library" ] || die "llama.cpp is not built yet: make bench"
out=$(dirname "$(dirname "$library")")
source=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$out/build/CMakeCache.txt")
[ -f "$source/common/common.h" ] || die "llama.cpp's source is gone from cargo's registry"

mkdir -p "$cache"
if [ ! -f "$cache/batched-bench.cpp" ]; then
  package=llama-cpp-python==0.3.36
  sum=832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  python3 -m pip download -q --disable-pip-version-check --no-deps --no-binary llama-cpp-python \
    -d "$work" "$package" >&2 || die "cannot fetch $package"
  echo "$sum  $(ls "$work"/*.tar.gz)" | sha256sum -c --quiet >&2 || die "$package has changed"
  tar xzf "$work"/*.tar.gz -C "$work" --wildcards --strip-components=5 '*/tools/batched-bench/*.cpp'
  mv "$work/main.cpp" "$work/batched-bench.cpp" "$cache/"
fi
if [ ! "$cache/batched-bench" -nt "$library" ]; then
  # Archives that use each other are searched again.
  mapfile -t archives < <(find "$out/build" -name '*.a')
  # What llama.cpp's build found for downloads, of which the bench makes none.
  mapfile -t ssl < <(sed -n 's/^OPENSSL_[A-Z]*_LIBRARY:FILEPATH=\(\/.*\)/\1/p' "$out/build/CMakeCache.txt")
  c++ -O3 -std=c++17 -march=native -w \
    -I"$source/common" -I"$source/include" -I"$source/ggml/include" -I"$source/vendor" \
    "$cache/batched-bench.cpp" "$cache/main.cpp" -o "$cache/batched-bench" \
    -Wl,--start-group "${archives[@]}" -Wl,--end-group "${ssl[@]}" -lpthread -ldl -lm >&2 ||
    die "the bench does not build"
fi
printf '%s\n' "$cache/batched-bench"
