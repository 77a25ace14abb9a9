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
    out, alive = [[] for _ in range(n)], torch.arange(n)
    ended = [False] * n
    for _ in range(limit):
        logits = model.head(model.hidden(ids, caches, positions=positions)[:, -1])
        if temperature == 0:
            token = logits.argmax(-1)
        else:
            p = torch.softmax(logits / temperature, -1)
            sorted_, order = p.sort(-1, descending=True)
            sorted_[sorted_.cumsum(-1) - sorted_ > top_p] = 0
            token = order.gather(1, torch.multinomial(sorted_, 1, generator=generator))[:, 0]
        for row, t in zip(alive.tolist(), token.tolist()):
            if t == eos:
                ended[row] = True
            else:
                out[row].append(t)
        keep = token != eos
        if not keep.any():
            break
        if not keep.all():
            alive, token, real, positions = alive[keep], token[keep], real[keep], positions[keep]
            for c in caches:
                c.keep(keep)
        ids, positions = token[:, None], positions[:, -1:] + 1
        if positions.max() >= model.c["max_position_embeddings"]:
            break
        real = torch.cat((real, torch.ones(len(alive), 1, dtype=torch.bool)), 1)
        for c in caches:
            c.mask = real[:, None, None]
    model.train()
    return out, ended
