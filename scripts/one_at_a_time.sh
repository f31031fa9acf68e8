#!/usr/bin/env bash
# Makes a virtual environment with torch and transformers in the user's cache (1.8 GB), for
# scripts/one_at_a_time.py, and prints the path of its Python.
# On Linux, PyPI's torch is linked with CUDA, whose libraries are 2 GB more and of no use on the
# processor: empty ones stand in for them.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/clinic/one-at-a-time
die() { printf 'one_at_a_time: %s\n' "$*" >&2; exit 1; }
[ -f "$cache/ready" ] && { printf '%s\n' "$cache/bin/python"; exit; }
[ "$(uname -sm)" = "Linux x86_64" ] || die "this way of installing torch is for Linux on x86-64"
for tool in python3.11 objdump nm cc; do
  command -v "$tool" >/dev/null || die "$tool is missing"
done

rm -rf "$cache"
python3.11 -m venv "$cache" >&2
pip() { "$cache/bin/python" -m pip install -q --disable-pip-version-check "$@" >"$cache/log" 2>&1; }
pip --no-deps torch==2.0.1 accelerate==0.34.2 &&
  pip "numpy<2" transformers==4.46.3 gguf==0.10.0 sentencepiece protobuf psutil typing-extensions \
    sympy networkx jinja2 ||
  die "PyPI did not give torch and transformers: $(tail -n 1 "$cache/log")"

lib=$(dirname "$(find "$cache" -name libtorch_cpu.so)")
functions=$(nm -D --undefined-only "$lib"/*.so 2>/dev/null | awk '$1 == "U" { print $2 }' |
  sed 's/@.*//' | grep -E '^(__cuda|_?cu|nccl|nvrtc|nvtx)' | sort -u)
{
  for function in $functions; do
    printf '.globl %s\n%s:\n' "$function" "$function"
  done
  printf 'mov $999, %%eax\nret\n'
} >"$cache/empty.s"
objdump -p "$lib"/*.so | awk '$1 == "NEEDED" { print $2 }' | sort -u |
  grep -E '^lib(cu|nccl|nv)' | while read -r name; do
    [ -e "$lib/$name" ] || cc -shared -nostdlib "$cache/empty.s" -Wl,-soname,"$name" -o "$lib/$name"
  done
"$cache/bin/python" -c 'import torch, transformers' >"$cache/log" 2>&1 ||
  die "torch does not start: $(tail -n 1 "$cache/log")"
touch "$cache/ready"
printf '%s\n' "$cache/bin/python"
