"""The benchmark's task for Inspect AI: one prompt a sample, scored by whether a word occurs."""

from inspect_ai import Task, task
from inspect_ai.dataset import json_dataset
from inspect_ai.scorer import includes
from inspect_ai.solver import generate


@task
def bench(questions: str) -> Task:
    """The questions of this file, which has `input` and `target` in each line."""
    return Task(dataset=json_dataset(questions), solver=generate(), scorer=includes())
