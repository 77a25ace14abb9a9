"""Greedy or sampled continuations of many prompts at once."""
import torch

from model import Cache


@torch.no_grad()
def generate(model, prompts, limit, temperature=0.0, top_p=1.0, generator=None, eos=1):
    """Token ids that follow each prompt (lists of ids), the end token left out; whether it came."""
    model.eval()
    n, width = len(prompts), max(map(len, prompts))
    ids = torch.zeros(n, width, dtype=torch.long)
    real = torch.zeros(n, width, dtype=torch.bool)
    for i, p in enumerate(prompts):
        ids[i, width - len(p) :], real[i, width - len(p) :] = torch.tensor(p), True
    positions = (real.cumsum(1) - 1).clamp(min=0)
    caches = [Cache(min(width + limit, model.c["max_position_embeddings"] + width)) for _ in model.layers]
    causal = torch.ones(width, width, dtype=torch.bool).tril()
    mask = (causal[None] & real[:, None]) | torch.eye(width, dtype=torch.bool)[None]
    for c in caches:
        c.mask = mask[:, None]
    out, rows, running = [[] for _ in range(n)], torch.arange(n), torch.ones(n, dtype=torch.bool)
    ended = [False] * n
    for _ in range(limit):
        logits = model.head(model.hidden(ids, caches, positions=positions)[:, -1])
        if temperature == 0:
            token = logits.argmax(-1)
        else:
            p = torch.softmax(logits / temperature, -1)
            if top_p < 1:
                sorted_, order = p.sort(-1, descending=True)
                p = p.masked_fill(torch.zeros_like(p, dtype=torch.bool).scatter(1, order, sorted_.cumsum(-1) - sorted_ > top_p), 0)
            token = torch.multinomial(p, 1, generator=generator)[:, 0]
        for row, t, on in zip(rows.tolist(), token.tolist(), running.tolist()):
            if on and t == eos:
                ended[row] = True
            elif on:
                out[row].append(t)
        running &= token != eos
        left = int(running.sum())
        if not left:
            break
        if left <= 0.75 * len(rows):  # rows that ended are carried along until it pays to leave them out
            rows, token, real, positions = rows[running], token[running], real[running], positions[running]
            for c in caches:
                c.keep(running)
            running = running[running]
        ids, positions = token[:, None], positions[:, -1:] + 1
        if positions[running].max() >= model.c["max_position_embeddings"]:
            break
        positions = positions.clamp(max=model.c["max_position_embeddings"] - 1)
        real = torch.cat((real, torch.ones(len(rows), 1, dtype=torch.bool)), 1)
        for c in caches:
            c.mask = real[:, None, None]
    model.train()
    return out, ended
