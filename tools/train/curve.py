"""Draws how a training went: curve.py LOG.jsonl OUT.svg [SLIM.jsonl]

Above, held-out accuracy by kind of problem; below, the loss, on a logarithmic scale. SLIM gets the log without the sample texts.
"""
import json
import math
import sys

WIDTH, LEFT, RIGHT, TOP, UPPER, GAP, LOWER = 760, 56, 96, 24, 240, 36, 150
COLOURS = ["#e69f00", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#7f6000"]


def read(path):
    """Without what was trained again: a restart goes on from the last checkpoint."""
    log = []
    with open(path, encoding="utf-8") as f:
        for entry in map(json.loads, f):
            if "tokens" in entry:
                log = [x for x in log if x.get("tokens", 0) < entry["tokens"] or "held_out" in entry]
            log.append(entry)
    return log


def text(x, y, s, anchor="middle", colour="#333"):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{s}</text>'


def line(points, colour):
    return f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>'


def grid(y, label):
    return [f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>', text(LEFT - 8, y + 4, label, "end")]


def draw(log):
    probes, losses = [x for x in log if "held_out" in x], [x for x in log if "loss" in x]
    end = max(x["tokens"] for x in losses)
    across = lambda tokens: LEFT + (WIDTH - LEFT - RIGHT) * tokens / end
    up = lambda share: TOP + UPPER * (1 - share)
    low = math.floor(math.log10(min(x["loss"] for x in losses)))
    bottom = TOP + UPPER + GAP + LOWER
    down = lambda loss: bottom - LOWER * (math.log10(loss) - low) / (1 - low)
    out = [text(LEFT, 14, "held-out problems answered rightly (greedy, 24 of each kind)", "start")]
    for share in (0, 0.25, 0.5, 0.75, 1):
        out += grid(up(share), f"{100 * share:.0f} %")
    taken = []
    last = probes[-1]["held_out"]
    for name, colour in zip(sorted(last, key=lambda name: -last[name]), COLOURS):
        points = [(across(x["tokens"]), up(x["held_out"][name])) for x in probes]
        y = points[-1][1]
        while any(abs(y - t) < 13 for t in taken):
            y += 13
        taken.append(y)
        out += [line(points, colour), text(points[-1][0] + 8, y + 4, name.replace("-", "\u2212").replace("*", "\u00d7"), "start", colour)]
    out.append(text(LEFT, TOP + UPPER + GAP - 8, "loss (nats a token)", "start"))
    for power in range(low, 2):
        out += grid(down(10**power), f"{10.0**power:g}")
    out.append(line([(across(x["tokens"]), min(bottom, down(x["loss"]))) for x in losses], "#333"))
    for m in range(0, math.floor(end / 1e6) + 1, max(1, round(end / 8e6))):
        out.append(text(across(m * 1e6), bottom + 18, f"{m}"))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, "million tokens"))
    height = bottom + 46
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">\n<rect width="{WIDTH}" height="{height}" fill="white"/>\n' + "\n".join(out) + "\n</svg>\n"


def main():
    log = read(sys.argv[1])
    with open(sys.argv[2], "w", encoding="utf-8") as f:
        f.write(draw(log))
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w", encoding="utf-8") as f:
            for x in log:
                x.pop("wrong", None)
                x.pop("start", None)
                if len(x) > 1:
                    f.write(json.dumps(x) + "\n")


if __name__ == "__main__":
    main()
