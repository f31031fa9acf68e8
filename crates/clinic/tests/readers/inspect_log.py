"""Opens folders of logs with Inspect's own readers and prints what they found in each, as JSON.

Usage: inspect_log.py FOLDER..., with Inspect AI on PYTHONPATH (`make readers` fetches it).
"""

import json
import sys
import warnings

from inspect_ai.analysis import evals_df, messages_df, samples_df
from inspect_ai.log import (
    list_eval_logs,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
    read_eval_log_samples,
)

# What Inspect warns of when it reads a log is wrong with the log; other warnings are among libraries.
warnings.simplefilter("error", UserWarning)


def rows(frame):
    return json.loads(frame.to_json(orient="records", date_format="iso"))


def log(info):
    header = read_eval_log(info, header_only=True)
    whole = read_eval_log(info)
    streamed = list(read_eval_log_samples(info, all_samples_required=header.status == "success"))
    assert sorted(s.id for s in whole.samples) == sorted(s.id for s in streamed)
    assert header.results == whole.results
    for sample in streamed:
        assert read_eval_log_sample(info, id=sample.id).uuid == sample.uuid
        assert read_eval_log_sample(info, uuid=sample.uuid).id == sample.id
    found = header.model_dump(mode="json")
    found["samples"] = [s.model_dump(mode="json") for s in streamed]
    found["summaries"] = [s.model_dump(mode="json") for s in read_eval_log_sample_summaries(info)]
    return found


def read(folder):
    infos = sorted(list_eval_logs(folder), key=lambda info: info.task)
    return {
        "tasks": [info.task for info in infos],
        "logs": [log(info) for info in infos],
        "evals": rows(evals_df(folder, quiet=True)),
        "samples": rows(samples_df(folder, quiet=True)),
        "messages": rows(messages_df(folder, quiet=True)),
    }


json.dump([read(folder) for folder in sys.argv[1:]], sys.stdout)
