#!/usr/bin/env python3
"""How well cld3 tells the languages of the starter set, for docs/languages.md.

pip install gcld3 (which needs the headers and the compiler of protobuf), then run this.
"""

import csv
import pathlib
import tomllib

import gcld3

ROOT = pathlib.Path(__file__).parent.parent
languages = tomllib.loads((ROOT / "languages.toml").read_text())["language"]
tags = {language["english"]: language["tag"] for language in languages}
identifier = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=2000)
right = texts = 0
for path in sorted((ROOT / "data/starter").glob("*.csv")):
    if path.stem.startswith("adv_"):
        continue
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            for english, tag in tags.items():
                if row.get(english):
                    texts += 1
                    found = identifier.FindLanguage(text=row[english]).language
                    right += found.split("-")[0] == tag
print(f"{right} of {texts} right")
