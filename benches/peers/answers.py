"""Prints how many answers a peer kept: `answers.py inspect|lm-eval FOLDER`."""

import json
import pathlib
import sys


def inspect(folder: pathlib.Path) -> int:
    """Samples of an Inspect log that hold an answer and a score."""
    from inspect_ai.log import read_eval_log

    (path,) = folder.glob("*.eval")
    log = read_eval_log(str(path))
    if log.status != "success":
        sys.exit(f"Inspect ended with {log.status}: {log.error}")
    return sum(1 for sample in log.samples if sample.scores and sample.output.completion)


def lm_eval(folder: pathlib.Path) -> int:
    """Samples of lm-evaluation-harness that hold an answer."""
    (path,) = folder.rglob("samples_*.jsonl")
    with path.open() as lines:
        return sum(1 for line in lines if json.loads(line)["resps"][0][0].strip())


if __name__ == "__main__":
    of, folder = sys.argv[1:]
    print({"inspect": inspect, "lm-eval": lm_eval}[of](pathlib.Path(folder)))
