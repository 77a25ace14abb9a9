"""Records a teacher's conversations, sampled, of which those with the right answer are kept: what students learn from.

    sample.py STATE FILE --rows 40000

Goes on where FILE ends, if it is there.
"""
import argparse
import json
import os
import random
import re
import time

import torch
from tokenizers import Tokenizer

import data
import problems
import prompts
from export import load
from generate import generate

BATCH = 128


def questions(number):
    """[(prompt, right answer or none)], of like lengths together so that a batch ends together."""
    rng, out = random.Random(f"sample:{number}"), []
    for _ in range(8 * BATCH):
        lang = prompts.language(rng)
        if rng.random() < data.OTHER:
            out.append((0, data.conversation(rng, prompts.other(rng, lang)), None))
        else:
            a, op, b = problems.problem(rng, problems.ALL)
            work = len(str(a)) * len(str(b)) * 2 if op == "*" else max(len(str(a)), len(str(b)))
            out.append((work, data.conversation(rng, prompts.question(rng, a, op, b, lang)), problems.answer(a, op, b)))
    out.sort(key=lambda x: x[0])
    return [x[1:] for x in out]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("state")
    p.add_argument("file")
    p.add_argument("--rows", type=int, default=40000)
    p.add_argument("--temperature", type=float, default=0.8)
    p.add_argument("--tokenizer", default=os.path.expanduser("~/.cache/burhan/train/tokenizer/tokenizer.json"))
    args = p.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load(args.state), Tokenizer.from_file(args.tokenizer)
    count = f"{args.file}.count"  # groups of questions done, rows kept, rows sampled, and how long the file was then
    group, kept, asked, size = 0, 0, 0, 0
    if os.path.exists(count):
        with open(count) as f:
            group, kept, asked, size = json.load(f)
    with open(args.file, "a+", encoding="utf-8") as out:
        out.truncate(size)
        while kept < args.rows:
            before, rows = time.monotonic(), questions(group)
            for k in range(0, len(rows), BATCH):
                some = rows[k : k + BATCH]
                sampler = torch.Generator().manual_seed(group * 1000 + k)
                ids = [tokenizer.encode(q, add_special_tokens=False).ids for q, _ in some]
                for (q, want), got, ended in zip(some, *generate(model, ids, 640, args.temperature, 1.0, sampler)):
                    text = tokenizer.decode(got, skip_special_tokens=False)
                    box = re.findall(r"\\boxed\{(-?\d+)\}", text)
                    asked += 1
                    if ended and ([int(x) for x in box] == [want] if want is not None else not box and data.DONE in text):
                        out.write(json.dumps({"prompt": q, "completion": text + data.EOS}, ensure_ascii=False) + "\n")
                        kept += 1
            out.flush()
            group += 1
            with open(count + ".part", "w") as f:
                json.dump([group, kept, asked, out.tell()], f)
            os.replace(count + ".part", count)
            print(f"{kept} of {asked} kept, {len(rows) / (time.monotonic() - before):.0f} rows/s", flush=True)


if __name__ == "__main__":
    main()
