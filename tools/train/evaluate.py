"""Held-out accuracy by lengths, within and beyond the trained ones, and what the check is worth.

    evaluate.py STATE [--each 100] [--temperature 0] [--json FILE]

A real error is a first piece of work whose result is wrong; it is caught if the check after it says no.
"""
import argparse
import json
import os
import random
import re

import torch
from tokenizers import Tokenizer

import data
import problems
import prompts
from export import load
from generate import generate

WITHIN = [("+", i, i) for i in range(1, 6)] + [("-", i, i) for i in range(1, 6)] + [("*", i, j) for i, j in problems.TRAINED_TIMES]
RARE = [("+", 6, 6), ("+", 7, 7), ("-", 6, 6), ("-", 7, 7), ("*", 4, 1), ("*", 4, 2), ("*", 3, 3)]
BEYOND = [("+", 8, 8), ("-", 8, 8), ("*", 5, 1), ("*", 5, 2), ("*", 4, 3)]


def ask(model, tokenizer, rows, thinking=True, limit=700, temperature=0.0, generator=None):
    """Texts for [(a, op, b, question)]."""
    open_ = f"{data.THINK}\n" if thinking else ""
    asked = [tokenizer.encode(f"{data.BOS}{data.USER}{r[3]}{data.ASSISTANT}{open_}", add_special_tokens=False).ids for r in rows]
    out = []
    for k in range(0, len(asked), 100):
        ids, _ = generate(model, asked[k : k + 100], limit, temperature, 1.0, generator)
        out += [tokenizer.decode(i, skip_special_tokens=False) for i in ids]
    return out


def judge(text, a, op, b):
    """(right at the end, first work right, what its check says)"""
    want = problems.answer(a, op, b)
    box = re.findall(r"\\boxed\{(-?\d+)\}", text)
    first = re.search(r"(\d+)\ncheck", text)
    said = re.search(r",\d (ok|no)\n", text)
    return bool(box) and int(box[-1]) == want, bool(first) and int(first[1]) == abs(want), said[1] if said else None


def held_out_problem(rng, op, i, j):
    while True:
        a, b = rng.randint(10 ** (i - 1), 10**i - 1), rng.randint(10 ** (j - 1), 10**j - 1)
        if op == "-" and a < b:
            a, b = b, a
        if op == "*" and rng.random() < 0.5:
            a, b = b, a
        if problems.held_out(a, op, b):
            return a, op, b


def main():
    p = argparse.ArgumentParser()
    p.add_argument("state")
    p.add_argument("--each", type=int, default=100)
    p.add_argument("--temperature", type=float, default=0.0)
    p.add_argument("--seed", type=int, default=5)
    p.add_argument("--json")
    p.add_argument("--no-thinking", action="store_true")
    p.add_argument("--bf16", action="store_true", help="round the weights as the shipped folder has them")
    p.add_argument("--tokenizer", default=os.path.expanduser("~/.cache/burhan/train/tokenizer/tokenizer.json"))
    args = p.parse_args()
    torch.set_num_threads(1)
    torch.cuda.is_current_stream_capturing = torch.cuda.graphs.is_current_stream_capturing = lambda: False
    model, tokenizer = load(args.state), Tokenizer.from_file(args.tokenizer)
    if args.bf16:
        for q in model.parameters():
            q.data = q.data.bfloat16().float()
    rng, sampler = random.Random(args.seed), torch.Generator().manual_seed(args.seed)
    report = {}
    for name, lengths in (("within", WITHIN), ("rare", RARE), ("beyond", BEYOND)):
        checks = {"errors": 0, "caught": 0, "corrected": 0, "right": 0, "false alarms": 0}
        for op, i, j in lengths:
            rows = [held_out_problem(rng, op, i, j) for _ in range(args.each)]
            rows = [r + (f"What is {r[0]} {r[1]} {r[2]}?",) for r in rows]
            right = 0
            for r, text in zip(rows, ask(model, tokenizer, rows, not args.no_thinking, temperature=args.temperature, generator=sampler)):
                good, first, said = judge(text, *r[:3])
                right += good
                if said:
                    checks["right" if first else "errors"] += 1
                    checks["false alarms" if first else "caught"] += said == "no"
                    checks["corrected"] += not first and said == "no" and good
            report[f"{name} {i}{op}{j}"] = right / args.each
            print(f"{name} {i}{op}{j} {right / args.each:.3f}", flush=True)
        report[f"{name}, checks"] = checks
    for name, fits in (("below zero", lambda a, op, b: op == "-" and a < b), ("as trained, all wordings", lambda *_: True)):
        rows = []
        while len(rows) < args.each:
            a, op, b = problems.problem(rng, problems.Mix(), held=True)
            if fits(a, op, b):
                rows.append((a, op, b, prompts.question(rng, a, op, b, prompts.language(rng))))
        texts = ask(model, tokenizer, rows, not args.no_thinking, temperature=args.temperature, generator=sampler)
        report[f"within, {name}"] = sum(judge(t, *r[:3])[0] for r, t in zip(rows, texts)) / len(rows)
    others = [(0, "+", 0, prompts.other(rng, prompts.language(rng))) for _ in range(args.each)]
    report["other questions told apart"] = sum("boxed" not in t for t in ask(model, tokenizer, others, not args.no_thinking)) / len(others)
    print(json.dumps(report, indent=1))
    if args.json:
        with open(args.json, "w") as f:
            json.dump(report, f, indent=1)


if __name__ == "__main__":
    main()
