"""Answers prompts as the published scripts do, one at a time with transformers; prints seconds.

one_at_a_time.py MODEL.gguf THREADS PROMPT_TOKENS ANSWER_TOKENS PROMPTS
"""

import os
import pathlib
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

path = pathlib.Path(sys.argv[1])
threads, length, answer, prompts = map(int, sys.argv[2:])
torch.set_num_threads(threads)
tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
model = AutoModelForCausalLM.from_pretrained(
    path.parent, gguf_file=path.name, tie_word_embeddings=True
)
# The first answer warms up and is not counted.
for number in range(prompts + 1):
    if number == 1:
        begun = time.perf_counter()
    inputs = tokenizer(" word" * length, add_special_tokens=False, return_tensors="pt")
    assert inputs["input_ids"].shape[1] == length
    out = model.generate(**inputs, do_sample=False, min_new_tokens=answer, max_new_tokens=answer)
    assert out.shape[1] == length + answer
print(time.perf_counter() - begun)
