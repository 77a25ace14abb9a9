"""Muon (Jordan 2024): momentum whose matrix is made orthogonal, for the layers' matrices; AdamW for all else. Learns in fewer tokens than AdamW alone."""
import torch


def orthogonal(g):
    """Newton-Schulz, quintic; g (n, rows, cols), many matrices at once."""
    x = g.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.float().norm(dim=(1, 2), keepdim=True) + 1e-7).bfloat16()
    for _ in range(5):
        a = torch.bmm(x, x.transpose(1, 2))
        x = 3.4445 * x + torch.bmm(-4.7750 * a + 2.0315 * torch.bmm(a, a), x)
    return (x.transpose(1, 2) if tall else x).float()


class Muon:
    def __init__(self, parameters, momentum=0.95, decay=0.05):
        groups = {}
        for p in parameters:
            groups.setdefault(p.shape[-2:], []).append(p)
        self.groups, self.momentum, self.decay = list(groups.values()), momentum, decay
        self.buffers = [[torch.zeros_like(p) for p in group] for group in self.groups]

    @torch.no_grad()
    def step(self, lr):
        for group, buffers in zip(self.groups, self.buffers):
            looks = []
            for p, b in zip(group, buffers):
                b.mul_(self.momentum).add_(p.grad, alpha=1 - self.momentum)
                looks.append(p.grad.lerp(b, self.momentum).view(-1, *p.shape[-2:]))
            rows, cols = group[0].shape[-2:]
            update = orthogonal(torch.cat(looks)) * (0.2 * max(rows, cols) ** 0.5)
            for p, u in zip(group, update.split([len(x) for x in looks])):
                p.mul_(1 - lr * self.decay).sub_(u.view(p.shape), alpha=lr)

    def state(self):
        return self.buffers

    def load(self, state):
        for mine, theirs in zip(self.buffers, state):
            for m, t in zip(mine, theirs):
                m.copy_(t)


class Optimiser:
    def __init__(self, named):
        matrices = [p for n, p in named if p.dim() >= 2 and not n.startswith(("embed", "head")) and "router" not in n]
        ids = {id(p) for p in matrices}
        self.all = [p for _, p in named]
        self.muon = Muon(matrices)
        self.adam = torch.optim.AdamW([p for p in self.all if id(p) not in ids], lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0)

    def step(self, lr):
        norm = torch.nn.utils.clip_grad_norm_(self.all, 1.0)
        for group in self.adam.param_groups:
            group["lr"] = lr
        self.adam.step()
        self.muon.step(lr)
        for p in self.all:
            p.grad = None
        return norm.item()

    def state(self):
        return {"muon": self.muon.state(), "adam": self.adam.state_dict()}

    def load(self, state):
        self.muon.load(state["muon"])
        self.adam.load_state_dict(state["adam"])
