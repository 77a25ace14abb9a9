"""Trains one model from generated rows; can be stopped and started again at any moment.

    train.py FOLDER --config r1 --tokens 16e6 [--stage main|draft] [--rows FILE] ...

FOLDER gets state.pt (every few minutes, and on SIGTERM), log.jsonl and curve.txt.
"""
import argparse
import json
import os
import random
import re
import signal
import sys
import time

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import configs
import data
import problems
import prompts
from generate import generate
from model import Model
from optimiser import Optimiser

torch.cuda.is_current_stream_capturing = torch.cuda.graphs.is_current_stream_capturing = lambda: False  # this torch has no CUDA libraries
PROBES = [("3+3", 3, 3, "+"), ("5+5", 5, 5, "+"), ("5-5", 5, 5, "-"), ("2*2", 2, 2, "*"), ("3*2", 3, 2, "*"), ("below 0", 3, 3, "-"), ("words", 0, 0, "")]


def probe(model, tokenizer, each, seed=99):
    """Accuracy on held-out problems, greedy, and one text that went wrong."""
    rng, rows = random.Random(seed), []
    for name, i, j, op in PROBES:
        for _ in range(each):
            if op:
                a, o, b = problems.problem(rng, problems.Mix(times=((i, j),)), op=op, held=True) if op == "*" else exact(rng, i, j, op, name)
                rows.append((name, a, o, b, f"What is {a} {o} {b}?"))
            else:
                a, o, b = problems.problem(rng, problems.Mix(3, ((2, 1),)), held=True)
                rows.append((name, a, o, b, prompts.question(rng, a, o, b, prompts.language(rng))))
    asked = [tokenizer.encode(f"{data.BOS}{data.USER}{r[4]}{data.ASSISTANT}{data.THINK}\n", add_special_tokens=False).ids for r in rows]
    right, wrong = {}, None
    for k in range(0, len(rows), 64):
        texts, _ = generate(model, asked[k : k + 64], 420)
        for r, ids in zip(rows[k : k + 64], texts):
            text = tokenizer.decode(ids, skip_special_tokens=False)
            box = re.findall(r"\\boxed\{(-?\d+)\}", text)
            ok = bool(box) and int(box[-1]) == problems.answer(r[1], r[2], r[3])
            right.setdefault(r[0], []).append(ok)
            if not ok and (wrong is None or random.random() < 0.1):
                wrong = r[4] + "\n" + text
    return {k: round(sum(v) / len(v), 3) for k, v in right.items()}, wrong


def exact(rng, i, j, op, name):
    while True:
        a, b = problems.number(rng, i), problems.number(rng, j)
        if op == "-" and (a < b) != (name == "below 0"):
            a, b = b, a
        if problems.held_out(a, op, b):
            return a, op, b


class Training:
    def __init__(self, args):
        self.args = args
        os.makedirs(args.folder, exist_ok=True)
        self.tokenizer = Tokenizer.from_file(args.tokenizer)
        torch.manual_seed(args.seed)
        config = dict(configs.ALL[args.config])
        if args.stage == "main":
            config["num_nextn_predict_layers"] = 0
        self.model = Model(config)
        self.block = self.index = self.step = self.tokens = 0
        self.seconds, self.loss = 0.0, None
        state = self.load("state.pt")
        if args.stage == "draft":
            source = torch.load(args.start, weights_only=True)
            if state is None:
                missing = self.model.load_state_dict(source["model"], strict=False).missing_keys
                assert all(k.startswith("draft.") for k in missing), missing
            for name, p in self.model.named_parameters():
                p.requires_grad_(name.startswith("draft."))
        named = [(n, p) for n, p in self.model.named_parameters() if p.requires_grad]
        self.optimiser = Optimiser(named)
        if state:
            self.model.load_state_dict(state["model"])
            self.optimiser.load(state["optimiser"])
            for k in ("block", "index", "step", "tokens", "seconds", "loss"):
                setattr(self, k, state[k])
        make = data.row
        if args.rows:
            make = data.Recorded(args.rows, args.thinking).row
        self.rows = data.Rows(self.tokenizer, args.seed, args.batch, make)
        self.log({"start": vars(args), "parameters": sum(p.numel() for p in self.model.parameters()), "trained": sum(p.numel() for _, p in named), "step": self.step})

    def load(self, name):
        path = f"{self.args.folder}/{name}"
        return torch.load(path, weights_only=True) if os.path.exists(path) else None

    def save(self):
        state = {k: getattr(self, k) for k in ("block", "index", "step", "tokens", "seconds", "loss")}
        state |= {"model": self.model.state_dict(), "optimiser": self.optimiser.state(), "config": self.model.c}
        path = f"{self.args.folder}/state.pt"
        torch.save(state, path + ".part")
        os.replace(path + ".part", path)

    def log(self, line):
        with open(f"{self.args.folder}/log.jsonl", "a", encoding="utf-8") as f:
            f.write(json.dumps(line, ensure_ascii=False) + "\n")

    def rate(self):
        """Learning rate: up, level, and down to nothing in the last part of the tokens."""
        left = (1 - self.tokens / self.args.tokens) / self.args.cooldown
        return self.args.lr * min(1, (self.step + 1) / 100, max(left, 0.01))

    def loss_of(self, batch):
        ids, targets = data.tensors(batch, torch)
        with torch.autocast("cpu", torch.bfloat16, enabled=not self.args.f32):
            if self.args.stage == "main":
                hidden = self.model.hidden(ids)
            else:
                with torch.no_grad():
                    hidden = self.model.hidden(ids)
                hidden, targets = self.model.draft_hidden(ids, hidden), targets[:, 1:]
            learnt = (targets != -100).flatten().nonzero()[:, 0]
            logits = self.model.head(hidden.flatten(0, 1)[learnt])
        return F.cross_entropy(logits.float(), targets.flatten()[learnt])

    def one(self, batch):
        loss = self.loss_of(batch)
        loss.backward()
        lr = self.rate()
        norm = self.optimiser.step(lr)
        with torch.no_grad():
            for m in [m for m in self.model.mixtures() if m.gate_up.requires_grad]:
                load = m.load.float()
                m.bias += self.args.balance * lr / self.args.lr * torch.sign(load.mean() - load)
        self.step += 1
        self.tokens += sum(len(p) + len(c) for p, c, _ in batch)
        self.loss = loss.item() if self.loss is None else 0.98 * self.loss + 0.02 * loss.item()
        return lr, norm

    def run(self):
        a, stop = self.args, []
        signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
        saved, last = time.monotonic(), time.monotonic()
        while self.tokens < a.tokens and not stop:
            batches = self.rows.block(self.block)
            while self.index < len(batches) and self.tokens < a.tokens and not stop:
                before = time.process_time()
                lr, norm = self.one(batches[self.index])
                self.index += 1
                self.seconds += time.process_time() - before
                if self.step % 50 == 0 or self.step < 3:
                    loads = [(m.load / m.load.sum()).max().item() for m in self.model.mixtures() if m.load is not None]
                    now = time.monotonic()
                    line = {"step": self.step, "tokens": self.tokens, "seconds": round(self.seconds), "loss": round(self.loss, 4), "lr": round(lr, 6), "norm": round(norm, 2)}
                    self.log(line | {"wall": round(now - last, 1), "load": round(max(loads), 3) if loads else None})
                    last = now
                if self.step % a.probe == 0 and a.stage == "main" and not a.rows:
                    right, wrong = probe(self.model, self.tokenizer, a.each)
                    self.log({"step": self.step, "tokens": self.tokens, "seconds": round(self.seconds), "held_out": right, "wrong": wrong})
                    with open(f"{a.folder}/curve.txt", "a") as f:
                        f.write(f"{self.tokens / 1e6:.2f}M tokens {self.seconds:.0f} s loss {self.loss:.4f} {right}\n")
                if time.monotonic() - saved > 180:
                    self.save()
                    saved = time.monotonic()
            if self.index >= len(batches):
                self.block, self.index = self.block + 1, 0
        self.save()
        self.log({"end": "stopped" if self.tokens < a.tokens else "done", "step": self.step, "tokens": self.tokens, "seconds": round(self.seconds)})
        return self.tokens >= a.tokens


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--config", default="r1", choices=sorted(configs.ALL))
    p.add_argument("--stage", default="main", choices=("main", "draft"))
    p.add_argument("--start", help="state.pt of the main model, for --stage draft")
    p.add_argument("--rows", help="recorded conversations to train on instead of generated ones")
    p.add_argument("--thinking", type=int, default=1)
    p.add_argument("--tokenizer", default=os.path.expanduser("~/.cache/burhan/train/tokenizer/tokenizer.json"))
    p.add_argument("--tokens", type=float, default=16e6)
    p.add_argument("--cooldown", type=float, default=0.5, help="share of the tokens in which the rate goes down")
    p.add_argument("--lr", type=float, default=3e-3)
    p.add_argument("--batch", type=int, default=4096, help="tokens a step")
    p.add_argument("--balance", type=float, default=0.005)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--probe", type=int, default=500)
    p.add_argument("--each", type=int, default=24)
    p.add_argument("--f32", action="store_true")
    args = p.parse_args()
    torch.set_num_threads(1)
    sys.exit(0 if Training(args).run() else 75)


if __name__ == "__main__":
    main()
