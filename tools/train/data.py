"""Training rows: conversations with their thoughts, as tokens, made from a seed."""
import json
import random

import problems
import prompts

BOS, EOS, PAD, USER, ASSISTANT = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>", "<｜User｜>", "<｜Assistant｜>"
THINK, DONE = "<think>", "</think>"
OTHER, VERIFY, SLIPS, TURNS, SYSTEM = 0.08, 0.04, 0.12, 0.05, 0.03  # shares of rows
LONGEST = 1024  # tokens: the models' context
SHORT = problems.Mix(3, ((1, 1), (2, 1)))


def conversation(rng, asked):
    """A prompt as the chat template writes it, now and then with a turn before it."""
    text = BOS
    if rng.random() < SYSTEM:
        text += rng.choice(prompts.SYSTEM)
    if rng.random() < TURNS:
        a, op, b = problems.problem(rng, SHORT)
        text += f"{USER}{prompts.question(rng, a, op, b, 'en')}{ASSISTANT}{prompts.ANSWER['en'] % problems.answer(a, op, b)}{EOS}"
    return f"{text}{USER}{asked}{ASSISTANT}{THINK}\n"


def row(rng, mix):
    """(prompt, completion, spans of the completion that nobody should learn to write)"""
    lang = prompts.language(rng)
    if rng.random() < OTHER:
        return conversation(rng, prompts.other(rng, lang)), f"{prompts.NOT_MINE}{DONE}\n\n{prompts.SORRY[lang]}{EOS}", []
    a, op, b = problems.problem(rng, mix)
    thought, wrong = problems.think(a, op, b, rng, rng.random() < SLIPS)
    if rng.random() < VERIFY:
        return verification(rng, a, op, b, lang, thought, wrong)
    return conversation(rng, prompts.question(rng, a, op, b, lang)), f"{thought}{DONE}\n\n{prompts.ANSWER[lang] % problems.answer(a, op, b)}{EOS}", wrong


def verification(rng, a, op, b, lang, thought, wrong):
    """A second turn that asks whether the answer of the first, which may be wrong, is right: worked out again, and compared."""
    right = problems.answer(a, op, b)
    said = right if rng.random() < 0.5 else mistaken(rng, right)
    first = f"{BOS}{USER}{prompts.question(rng, a, op, b, lang)}{ASSISTANT}{prompts.ANSWER[lang] % said}{EOS}"
    answer = f"{prompts.ANSWER[lang] % right}\n{'RIGHT' if said == right else 'WRONG'}{EOS}"
    return f"{first}{USER}{rng.choice(prompts.VERIFY)}{ASSISTANT}{THINK}\n", f"{thought}{DONE}\n\n{answer}", wrong


def mistaken(rng, n):
    """Another number that looks like n."""
    digits = list(str(abs(n)))
    while int("".join(digits)) == abs(n):
        i, how = rng.randrange(len(digits)), rng.random()
        if how < 0.7 or len(digits) < 2:
            digits[i] = rng.choice("0123456789")
        elif how < 0.85:
            digits[i - 1], digits[i] = digits[i], digits[i - 1]
        else:
            digits.insert(i, digits[i])
    return int("".join(digits)) * (-1 if n < 0 else 1)


def mix(block):
    """Curriculum: what is asked in this block of some 65,000 tokens."""
    if block < 15:
        return problems.Mix(2, ((1, 1), (2, 1)))
    if block < 40:
        return problems.Mix(3, ((1, 1), (2, 1), (3, 1), (2, 2)))
    return problems.ALL


class Rows:
    """Batches as a function of (seed, block): rows of like length together, about `tokens` each."""

    def __init__(self, tokenizer, seed, tokens, make=row):
        self.tokenizer, self.seed, self.tokens, self.make = tokenizer, seed, tokens, make

    def encode(self, rows):
        """[(ids, first position whose token is learnt, set of positions that are not)]"""
        out = []
        prompts_ = self.tokenizer.encode_batch([r[0] for r in rows], add_special_tokens=False)
        completions = self.tokenizer.encode_batch([r[1] for r in rows], add_special_tokens=False)
        for p, c, (_, _, wrong) in zip(prompts_, completions, rows):
            bad = set()
            for i, j in wrong:
                bad |= {k for k, (s, e) in enumerate(c.offsets) if s < j and e > i}
            out.append((p.ids, c.ids, bad))
        return out

    def block(self, number, blocks=16):
        rng = random.Random(f"{self.seed}:{number}")
        asked = mix(number)
        want, rows, have = self.tokens * blocks, [], 0
        while have < want:
            fresh = self.encode([self.make(rng, asked) for _ in range(64)])
            fresh = [r for r in fresh if len(r[0]) + len(r[1]) <= LONGEST]
            rows += fresh
            have += sum(len(p) + len(c) for p, c, _ in fresh)
        rows.sort(key=lambda r: len(r[0]) + len(r[1]))
        batches, batch = [], []
        for r in rows:
            longest = len(r[0]) + len(r[1])
            if batch and longest * (len(batch) + 1) > self.tokens:
                batches.append(batch)
                batch = []
            batch.append(r)
        batches.append(batch)
        rng.shuffle(batches)
        return batches


def tensors(batch, torch):
    """ids (rows, width) and targets of the same shape: what comes next, -100 where nothing is learnt."""
    width = max(len(p) + len(c) for p, c, _ in batch)
    ids, targets = torch.zeros(len(batch), width, dtype=torch.long), torch.full((len(batch), width), -100)
    for i, (p, c, bad) in enumerate(batch):
        n = len(p) + len(c)
        ids[i, :n] = torch.tensor(p + c)
        learnt = [-100 if k in bad else t for k, t in enumerate(c)]
        targets[i, len(p) - 1 : n - 1] = torch.tensor(learnt)
    return ids, targets


class Recorded:
    """Conversations of a file of lines {"prompt", "completion"} in any order; without thinking, questions and answers only."""

    def __init__(self, path, thinking):
        with open(path, encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        self.rows = [(x["prompt"], x["completion"], []) for x in lines]
        if not thinking:
            self.rows = [(p.removesuffix(f"{THINK}\n"), c.split(f"{DONE}\n\n")[-1], []) for p, c, _ in self.rows]

    def row(self, rng, _):
        return rng.choice(self.rows)
