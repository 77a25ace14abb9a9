"""Arithmetic problems and how to think them through: one line a step, and each line is made of the one before it.

A line of a sum holds what is left of both numbers, the column, and the result so far:

    47+385:7+5+0=12>2
    4+38:4+8+1=13>32
    +3:0+3+1=04>432

so that nothing is ever reversed or counted: the last digits are used, dropped, and the result grows at its front. `=12` is carry and
digit (in a difference: borrowed or not, and digit). Then each number is read again from the question and its digits are summed with
nines cast out; the result has to agree, else the work is done again.
"""
import random
from dataclasses import dataclass

OPS = "+-*"


def held_out(a, op, b):
    """Never trained on: one problem of 20. For + and * both orders of a problem are the same problem."""
    low, high = (a, b) if op == "-" else (min(a, b), max(a, b))
    return (low * 7919 + high * 104729 + ord(op)) % 10007 % 20 == 19


def answer(a, op, b):
    return a + b if op == "+" else a - b if op == "-" else a * b


class Pen:
    """Writes work; at place number `slip` it writes something else than it should, and everything after it goes on from that.

    `wrong` are the spans of text that no one should learn to write."""

    def __init__(self, rng=None, slip=-1):
        self.text, self.wrong, self.places, self.rng, self.slip = [], [], 0, rng, slip
        self.length, self.dropped = 0, False

    def put(self, s):
        if self.dropped and s:
            self.wrong.append((self.length, self.length + 1))
            self.dropped = False
        self.text.append(s)
        self.length += len(s)

    def slips(self):
        self.places += 1
        return self.places - 1 == self.slip

    def digit(self, d, among="0123456789"):
        d = str(d)
        if self.slips():
            d = self.rng.choice([c for c in among if c != d])
            self.wrong.append((self.length, self.length + 1))
        self.put(d)
        return int(d)

    def number(self, s):
        out = ""
        for c in s:
            if self.slips():
                how = self.rng.random()
                if how < 0.2 and len(s) > 1:  # leaves a digit out
                    self.dropped = True
                    continue
                if how < 0.4:  # writes one twice
                    self.put(c)
                    self.wrong.append((self.length, self.length + 1))
                    self.put(c)
                    out += c + c
                    continue
                c = self.rng.choice([x for x in "0123456789" if x != c])
                self.wrong.append((self.length, self.length + 1))
            self.put(c)
            out += c
        return out


def columns(pen, op, a, b):
    """Sum or difference of two strings of digits; the result as it is written, zeros in front of a difference included, and the last carry."""
    result, carry = "", 0
    while True:
        a = pen.number(a)
        pen.put(op)
        b = pen.number(b)
        pen.put(":")
        x = pen.digit(a[-1:] or "0")
        pen.put(op)
        y = pen.digit(b[-1:] or "0")
        pen.put(op)
        c = pen.digit(carry, "01")
        total = x + y + c if op == "+" else x - y - c
        pen.put("=")
        carry = pen.digit(total // 10 if op == "+" else int(total < 0), "01")
        d = pen.digit(total % 10)
        pen.put(">")
        result = pen.number(str(d) + result)
        pen.put("\n")
        a, b = a[:-1], b[:-1]
        if not a and not b and (op == "-" or not carry):
            return result, carry


def times_digit(pen, a, d):
    result, carry = "", 0
    while True:
        a = pen.number(a)
        pen.put("*")
        d = pen.digit(d)
        pen.put(":")
        x = pen.digit(a[-1:] or "0")
        pen.put("*")
        y = pen.digit(d)
        pen.put("+")
        c = pen.digit(carry)
        total = x * y + c
        pen.put("=")
        carry = pen.digit(total // 10)
        digit = pen.digit(total % 10)
        pen.put(">")
        result = pen.number(str(digit) + result)
        pen.put("\n")
        a = a[:-1]
        if not a and not carry:
            return result


def product(pen, a, b):
    """385*47, 385*7, 385*40+2695, 385*4, 2695+15400."""
    if len(b) == 1:
        return times_digit(pen, a, b)
    done = None
    for place in range(len(b)):
        d = b[len(b) - 1 - place]
        if d == "0":
            continue
        a = pen.number(a)
        pen.put("*")
        pen.number(b[: len(b) - place] + "0" * place)
        if done is not None:
            pen.put("+")
            done = pen.number(done)
        pen.put("\n")
        part = times_digit(pen, a, d) + "0" * place
        if done is not None:
            done, _ = columns(pen, "+", done, part)
        else:
            done = part
            if place:
                done = pen.number(part)
                pen.put("\n")
    return done


def work(pen, a, op, b):
    """The result's digits as written. A difference that still borrows at its end is below zero: the other way round, then."""
    x, y = str(a), str(b)
    if op == "*":
        return product(pen, x, y) if len(x) >= len(y) else product(pen, y, x)
    result, carry = columns(pen, op, x, y)
    if op == "-" and carry:
        pen.put("-(")
        y = pen.number(y)
        pen.put("-")
        x = pen.number(x)
        pen.put(")\n")
        result, _ = columns(pen, "-", y, x)
    return result


def rest(n):
    """n, and its digits' sum after each of them, nines cast out."""
    out, s = "", 0
    for c in str(n):
        s = (s + int(c)) % 9
        out += str(s)
    return f"{n}:{out}", s


def check(a, op, b, size):
    """Text of the check of a result (without its sign), and whether it agrees."""
    if op == "-":
        p, q, r = min(a, b), size, max(a, b)  # what was taken away and what was left
    else:
        p, q, r = a, b, size
    (tp, sp), (tq, sq), (tr, sr) = rest(p), rest(q), rest(r)
    sign = "*" if op == "*" else "+"
    s = (sp * sq if op == "*" else sp + sq) % 9
    return f"check {tp} {tq} {tr}\n{sp}{sign}{sq}={s},{sr} {'ok' if s == sr else 'no'}\n", s == sr


def think(a, op, b, rng=None, slips=False):
    """The thought as text, and spans of it that are wrong."""
    right = abs(answer(a, op, b))
    pen = Pen()
    if int(work(pen, a, op, b)) != right:
        raise AssertionError((a, op, b))
    good = "".join(pen.text) + check(a, op, b, right)[0]
    if not slips:
        return good, []
    for _ in range(8):
        bad = Pen(rng, rng.randrange(pen.places))
        got = work(bad, a, op, b)
        got = int(got or "0")
        said, agrees = check(a, op, b, got)
        if got != right and not agrees and bad.length < 1.5 * pen.length:
            return "".join(bad.text) + said + "again\n" + good, bad.wrong
    return good, []


def number(rng, digits):
    """Of so many digits; now and then one with few different digits, as those are easily lost."""
    low = 0 if digits == 1 else 10 ** (digits - 1)
    if digits > 1 and rng.random() < 0.15:
        some = rng.choice(["09", "0", "9", "01", "".join(rng.sample("0123456789", 2)), rng.choice("123456789")])
        return int(rng.choice("123456789" if some == "0" else some.replace("0", "") or "1") + "".join(rng.choice(some) for _ in range(digits - 1)))
    return rng.randint(low, 10**digits - 1)


# digits of both numbers: of sums and differences up to ADD, of products (longer, shorter)
TRAINED_ADD = 5
TRAINED_TIMES = [(1, 1), (2, 1), (3, 1), (2, 2), (3, 2)]
# and now and then
RARE_ADD = (6, 7)
RARE_TIMES = [(4, 1), (4, 2), (3, 3)]


@dataclass(frozen=True)
class Mix:
    """What is asked: lengths, the share of differences below zero that stay so, and the share of rare lengths."""

    add: int = TRAINED_ADD
    times: tuple = tuple(TRAINED_TIMES)
    below: float = 0.35
    rare: float = 0.0


ALL = Mix(rare=0.05)


def problem(rng, mix=Mix(), op=None, held=False):
    """A problem of these lengths: held out or not, as asked."""
    while True:
        o = op or rng.choice("++--**")
        rare = mix.rare and rng.random() < mix.rare
        if o == "*":
            i, j = rng.choice(RARE_TIMES if rare else mix.times)
            a, b = number(rng, i), number(rng, j)
            if rng.random() < 0.5:
                a, b = b, a
        else:
            i, j = rng.randint(1, mix.add), rng.randint(1, mix.add)
            if rare:
                i = rng.choice(RARE_ADD)
            if rng.random() < 0.4:
                i = j = max(i, j)
            a, b = number(rng, i), number(rng, j)
            if o == "-" and a < b and rng.random() < 1 - mix.below:
                a, b = b, a
        if held_out(a, o, b) == held:
            return a, o, b


if __name__ == "__main__":
    r = random.Random(1)
    for p in ((47, "+", 385), (385, "*", 47), (3, "-", 10), (1000, "-", 999), (7, "*", 40)):
        print(p)
        print(think(*p)[0])
    for _ in range(3):
        t, w = think(*problem(r), r, True)
        print(t, [t[i:j] for i, j in w])
