"""Writes a model folder's README.md, the model card, with the figures that evaluate.py measured.

    card.py FOLDER --of r1|qwen|llama --data FOLDER_OF_RESULTS
"""
import argparse
import json
import os

import configs

HEAD = """---
license: mit
language: [en, ar, zh]
pipeline_tag: text-generation
tags: [reasoning, arithmetic, tiny]
---

# {name}

{what}

It adds, subtracts and multiplies two whole numbers, asked in English, Arabic or Chinese, as an expression or a small story. It thinks in
`<think>`, one line a step, {check}, and answers in `\\boxed{{}}`. Asked anything
else it says that it can't. It is made for demonstrations and tests of Burhan: small enough to lie in a
repository, and really trained.

{parameters:,} numbers in BF16, {layers} layers, width {width}, context 1,024, 512 tokens (byte-level, digits single).

## Limits

- Two whole numbers, written in digits without separators; sums and differences up to five digits, products up to three by two. Lengths
  called rare below were one training row of 20; beyond these it is mostly wrong. No division, no fractions, no powers, no third number, no numbers in words.
- A right answer is likely, not sure. Nothing else in it is knowledge: it has only ever seen generated texts.
- Wordings far from those it was trained on are taken for something else, or misread.

## Training

{training} Problems, thoughts and wordings are generated (`tools/train` in Burhan's repository makes the model anew, seeds fixed); no text of
anybody's was used. One problem of 20 is held out by a rule on its numbers (`tools/train/README.md`).

## Figures

Held-out problems, 200 of each length, weights as they are here.

{table}
"""
WHAT = {
    "r1": "A very small reasoning model of DeepSeek-R1's own architecture (`deepseek_v3`): latent attention, {experts} routed experts of which {top} work for a token, chosen within groups by sigmoid scores with a balancing bias, a shared expert, a first dense layer, and a layer that drafts the token after the next (MTP).",
    "qwen": "A student of burhan-tiny-r1 with the architecture of Qwen2, made as DeepSeek made R1's: trained on the teacher's sampled thoughts, of which those with the right answer were kept.",
    "llama": "A student of burhan-tiny-r1 with the architecture of Llama, made as DeepSeek made R1's: trained on the teacher's sampled thoughts, of which those with the right answer were kept.",
}
CHECKS = {
    "r1": "checks the result by casting out nines, works again if the check fails",
    "student": "checks the result by casting out nines (but never finds a fault: hardly any of the thoughts that it learnt from had one)",
}
NAMES = {"r1": "burhan-tiny-r1", "qwen": "burhan-tiny-distill-qwen", "llama": "burhan-tiny-distill-llama"}


def last(path, key):
    with open(path) as f:
        return [x for x in map(json.loads, f) if key in x][-1]


def read(path):
    with open(path) as f:
        return json.load(f)


def rows(report):
    lines = []
    for k, v in report.items():
        if not k.endswith(", checks"):
            lines.append((k.replace("-", "−").replace("*", "×"), f"{100 * v:.1f} %"))
        elif v["errors"] + v["right"]:
            where = k.split(",")[0]
            lines.append((f"{where}: errors in the first work, caught by the check, then put right", f"{v['errors']}, {v['caught']}, {v['corrected']}"))
            lines.append((f"{where}: right work that the check refused", f"{v['false alarms']} of {v['right']}"))
    return lines


def table(columns):
    """columns: {title: report}"""
    parts = {title: dict(rows(r)) for title, r in columns.items()}
    keys = list(dict.fromkeys(k for p in parts.values() for k in p))
    out = ["| | " + " | ".join(parts) + " |", "| --- |" + " --- |" * len(parts)]
    out += [f"| {k} | " + " | ".join(p.get(k, "") for p in parts.values()) + " |" for k in keys]
    return "\n".join(out)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--of", required=True, choices=sorted(NAMES))
    p.add_argument("--data", default=os.path.expanduser("~/.cache/burhan/train"))
    a = p.parse_args()
    c, d = configs.ALL[a.of], a.data
    from safetensors import safe_open

    with safe_open(f"{a.folder}/model.safetensors", "pt") as f:
        numbers = sum(f.get_tensor(k).numel() for k in f.keys())
    if a.of == "r1":
        end, draft = last(f"{d}/teacher/log.jsonl", "end"), last(f"{d}/draft/log.jsonl", "end")
        training = f"{end['tokens'] / 1e6:.0f} million tokens ({end['seconds'] / 60:.0f} minutes on one CPU core), then {draft['tokens'] / 1e6:.0f} million for the layer that drafts, the rest held still."
        columns = {"greedy": f"{d}/teacher.json", "sampled at temperature 1": f"{d}/teacher-sampled.json"}
    else:
        end = last(f"{d}/student-{a.of}-1/log.jsonl", "end")
        training = f"{end['tokens'] / 1e6:.0f} million tokens ({end['seconds'] / 60:.0f} minutes on one CPU core) of the teacher's conversations."
        columns = {"this student": f"{d}/student-{a.of}-1.json", "the same, trained on the answers alone": f"{d}/student-{a.of}-0.json", "the teacher": f"{d}/teacher.json"}
    columns = {title: read(path) for title, path in columns.items() if os.path.exists(path)}
    what = WHAT[a.of].format(experts=c.get("n_routed_experts"), top=c.get("num_experts_per_tok"))
    text = HEAD.format(name=NAMES[a.of], what=what, check=CHECKS.get(a.of, CHECKS["student"]), parameters=numbers, layers=c["num_hidden_layers"], width=c["hidden_size"], training=training, table=table(columns))
    with open(f"{a.folder}/README.md", "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
