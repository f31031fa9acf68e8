"""Reads results for the hub with huggingface_hub's own code and prints what it found, as JSON.

Usage: hub_results.py FOLDER, with huggingface_hub on PYTHONPATH (`make readers` fetches it).
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import yaml
from huggingface_hub import ModelCard, parse_eval_result_entries
from huggingface_hub.repocard_data import eval_results_to_model_index, model_index_to_eval_results

folder = Path(sys.argv[1])
block = (folder / "model-index.yaml").read_text("utf-8")
card = ModelCard(f"---\n{block}---\n# A model\n")
name, results = card.data.model_name, card.data.eval_results
# There and back: nothing may run together.
again = model_index_to_eval_results(eval_results_to_model_index(name, results))
key = lambda result: (result.dataset_config, result.metric_type)
assert sorted(map(key, again[1])) == sorted(map(key, results)), (again, results)
assert len(set(map(key, results))) == len(results)
entries = yaml.safe_load((folder / ".eval_results" / "clinic.yaml").read_text("utf-8"))
try:
    parsed = [asdict(entry) for entry in parse_eval_result_entries(entries)]
except KeyError as missing:
    parsed = f"without {missing}"
json.dump(
    {"name": name, "results": [asdict(r) for r in results], "entries": entries, "parsed": parsed},
    sys.stdout,
)
