"""Reads a folder with lm-evaluation-harness's own code and prints what it found, as JSON.

Usage: lm_eval_results.py FOLDER, with lm-eval on PYTHONPATH (`make readers` fetches it).
"""

import json
import sys
from pathlib import Path

from lm_eval.utils import (
    get_file_datetime,
    get_file_task_name,
    get_latest_filename,
    get_results_filenames,
    get_sample_results_filenames,
    hash_string,
    make_table,
)

files = sorted(str(path) for path in Path(sys.argv[1]).rglob("*") if path.is_file())
results = json.loads(Path(get_latest_filename(get_results_filenames(files))).read_text("utf-8"))
samples = {}
hashes = {}
for file in get_sample_results_filenames(files):
    path = Path(file)
    task = get_file_task_name(path.name)
    # Only a line feed ends a line, whatever a model said.
    with open(file, encoding="utf-8", newline="\n") as lines:
        rows = [json.loads(line) for line in lines]
    samples[task] = rows
    parts = "".join(s["doc_hash"] + s["prompt_hash"] + s["target_hash"] for s in rows)
    if rows:
        hashes[task] = hash_string(parts)
json.dump(
    {
        "table": make_table(results),
        "results": results,
        "samples": samples,
        "hashes": hashes,
        "times": sorted({get_file_datetime(Path(file).name).replace(".json", "") for file in files}),
    },
    sys.stdout,
)
