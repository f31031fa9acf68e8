"""Reads a published set with mlcroissant's own code and prints what it found, as JSON.

Usage: croissant.py FOLDER, with mlcroissant and PyYAML on PYTHONPATH (`make readers` fetches them).
"""

import json
import logging
import sys
from pathlib import Path

import mlcroissant as mlc
import yaml

logging.disable(logging.CRITICAL)
folder = Path(sys.argv[1])
dataset = mlc.Dataset(jsonld=str(folder / "croissant.json"))
issues = dataset.metadata.ctx.issues


def text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else value


def records(record_set):
    return [{key: text(value) for key, value in record.items()} for record in dataset.records(record_set)]


head = (folder / "README.md").read_text("utf-8").split("---\n")[1]
json.dump(
    {
        "name": dataset.metadata.name,
        "version": dataset.metadata.version,
        "errors": sorted(map(str, issues.errors)),
        "warnings": sorted(map(str, issues.warnings)),
        "records": {one.id: records(one.id) for one in dataset.metadata.record_sets},
        "head": yaml.safe_load(head),
    },
    sys.stdout,
)
