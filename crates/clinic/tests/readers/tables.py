"""Reads Parquet files with pyarrow and prints their columns and rows, as JSON.

Usage: tables.py FILE..., with pyarrow on PYTHONPATH (`make readers` fetches it).
"""

import json
import sys

import pyarrow.parquet as parquet


def read(path):
    file = parquet.ParquetFile(path)
    table = file.read()
    table.validate(full=True)
    return {
        "types": {field.name: str(field.type) for field in table.schema},
        "nullable": [field.name for field in table.schema if field.nullable],
        "rows": table.to_pylist(),
        "groups": file.metadata.num_row_groups,
    }


json.dump({path.rsplit("/", 1)[-1]: read(path) for path in sys.argv[1:]}, sys.stdout)
