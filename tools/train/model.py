"""The models, small enough to train on one CPU core: deepseek_v3 as DeepSeek publishes it, and qwen2 and llama.

Parameters are kept as training wants them (experts of a layer in one tensor); `tensors` gives them by the names and in the shapes of
the published checkpoints. Formulas: DeepSeek-V3 (arXiv 2412.19437), sections 2.1 and 2.2.
"""
import math

import torch
import torch.nn.functional as F
from torch import nn


def rotations(theta, dims, length):
    """Cosines and sines, (length, dims / 2)."""
    angles = torch.arange(length)[:, None].float() / theta ** (torch.arange(0, dims, 2).float() / dims)
    return angles.cos(), angles.sin()


def rotate_neighbours(x, cos, sin):
    """Pairs (x[2j], x[2j+1]), as in DeepSeek's checkpoints. x (rows, heads, T, dims); the result is half-split, alike for query and key."""
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


def rotate_halves(x, cos, sin):
    """Pairs (x[j], x[j + dims/2]), as in Hugging Face's checkpoints of llama and qwen2."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)


class Norm(nn.Module):
    def __init__(self, n, eps=1e-6):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(n)), eps

    def forward(self, x):
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


def linear(i, o, bias=False):
    layer = nn.Linear(i, o, bias)
    nn.init.normal_(layer.weight, std=0.6 / math.sqrt(i))
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


class Mlp(nn.Module):
    def __init__(self, hidden, inner):
        super().__init__()
        self.gate_proj, self.up_proj, self.down_proj = linear(hidden, inner), linear(hidden, inner), linear(inner, hidden)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class LatentAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.heads, self.nope, self.rope, self.value, self.rank = c["num_attention_heads"], c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"], c["kv_lora_rank"]
        hidden = c["hidden_size"]
        self.q_a_proj, self.q_a_layernorm = linear(hidden, c["q_lora_rank"]), Norm(c["q_lora_rank"])
        self.q_b_proj = linear(c["q_lora_rank"], self.heads * (self.nope + self.rope))
        self.kv_a_proj_with_mqa, self.kv_a_layernorm = linear(hidden, self.rank + self.rope), Norm(self.rank)
        self.kv_b_proj = linear(self.rank, self.heads * (self.nope + self.value))
        self.o_proj = linear(self.heads * self.value, hidden)

    def forward(self, x, cos, sin, cache=None):
        n, t, _ = x.shape
        q = self.q_b_proj(self.q_a_layernorm(self.q_a_proj(x))).view(n, t, self.heads, -1).transpose(1, 2)
        latent, key = self.kv_a_proj_with_mqa(x).split((self.rank, self.rope), -1)
        latent, key = self.kv_a_layernorm(latent), rotate_neighbours(key[:, None], cos, sin)
        turned = rotate_neighbours(q[..., self.nope :], cos, sin)
        if cache is not None:
            return self.o_proj(self.absorbed(q[..., : self.nope], turned, latent, key[:, 0], cache))
        kv = self.kv_b_proj(latent).view(n, t, self.heads, -1).transpose(1, 2)
        q = torch.cat((q[..., : self.nope], turned), -1)
        k = torch.cat((kv[..., : self.nope], key.expand(n, self.heads, t, self.rope)), -1)
        return self.o_proj(attend(q, k, kv[..., self.nope :]))

    def absorbed(self, q, turned, latent, key, cache):
        """With a cache of latents and keys: the projection of keys goes to the queries, that of values behind the sum."""
        n, _, t, _ = q.shape
        w = self.kv_b_proj.weight.view(self.heads, self.nope + self.value, self.rank)
        rows = cache.add("latent", torch.cat((latent, key), -1))[:, None]  # (n, 1, T, rank + rope)
        q = torch.cat((torch.einsum("nhtd,hdr->nhtr", q, w[:, : self.nope]), turned), -1)
        o = cached(q, rows, rows[..., : self.rank], cache.mask, (self.nope + self.rope) ** -0.5)
        return torch.einsum("nhtr,hdr->nthd", o, w[:, self.nope :]).reshape(n, t, -1)


class GroupedAttention(nn.Module):
    def __init__(self, c, bias):
        super().__init__()
        self.heads, self.kv = c["num_attention_heads"], c["num_key_value_heads"]
        hidden, dim = c["hidden_size"], c["hidden_size"] // self.heads
        self.q_proj, self.k_proj, self.v_proj = linear(hidden, hidden, bias), linear(hidden, self.kv * dim, bias), linear(hidden, self.kv * dim, bias)
        self.o_proj = linear(hidden, hidden)

    def forward(self, x, cos, sin, cache=None):
        n, t, _ = x.shape
        q = rotate_halves(self.q_proj(x).view(n, t, self.heads, -1).transpose(1, 2), cos, sin)
        k = rotate_halves(self.k_proj(x).view(n, t, self.kv, -1).transpose(1, 2), cos, sin)
        v = self.v_proj(x).view(n, t, self.kv, -1).transpose(1, 2)
        if cache is not None:
            k, v = cache.add("k", k.transpose(1, 2).flatten(2)), cache.add("v", v.transpose(1, 2).flatten(2))
            k, v = (z.view(n, z.shape[1], self.kv, -1).transpose(1, 2) for z in (k, v))
            return self.o_proj(cached(q, k, v, cache.mask, q.shape[-1] ** -0.5).transpose(1, 2).flatten(2))
        each = self.heads // self.kv
        return self.o_proj(attend(q, k.repeat_interleave(each, 1), v.repeat_interleave(each, 1)))


class Cache:
    """What a layer keeps of the rows so far, in room made ahead; mask (n, 1, t, T) tells what the new rows may see."""

    def __init__(self, room):
        self.room, self.kept, self.length, self.mask = room, {}, {}, None

    def add(self, name, x):
        n, t, d = x.shape
        if name not in self.kept:
            self.kept[name], self.length[name] = x.new_empty(n, self.room, d), 0
        start = self.length[name]
        self.length[name] = start + t
        self.kept[name][:, start : start + t] = x
        return self.kept[name][:, : start + t]

    def keep(self, rows):
        for k, old in self.kept.items():
            t, some = self.length[k], old[rows, : self.length[k]]
            self.kept[k] = old.new_empty(len(some), self.room, old.shape[2])
            self.kept[k][:, :t] = some


def cached(q, k, v, mask, scale):
    """q (n, heads, t, d) over k (n, kv, T, d), v (n, kv, T, dv): (n, heads, t, dv)."""
    n, h, t, _ = q.shape
    kv = k.shape[1]
    scores = torch.matmul(q.reshape(n, kv, h // kv * t, -1), k.transpose(2, 3)).mul_(scale).view(n, h, t, -1)
    p = scores.masked_fill_(~mask, -1e9).softmax(-1)
    return torch.matmul(p.view(n, kv, h // kv * t, -1), v).view(n, h, t, -1)


class Attend(torch.autograd.Function):
    """softmax(q k' / sqrt(dim)) v under a mask; q, k, v (rows x heads, T, dims). In BF16 three times as fast as torch's own on a CPU."""

    @staticmethod
    def forward(ctx, q, k, v, mask):
        p = torch.softmax(torch.baddbmm(mask, q, k.transpose(1, 2), alpha=q.shape[-1] ** -0.5), -1)
        ctx.save_for_backward(q, k, v, p)
        return torch.bmm(p, v)

    @staticmethod
    def backward(ctx, g):
        q, k, v, p = ctx.saved_tensors
        g = g.contiguous()
        gs = torch._softmax_backward_data(torch.bmm(g, v.transpose(1, 2)), p, -1, p.dtype).mul_(q.shape[-1] ** -0.5)
        return torch.bmm(gs, k), torch.bmm(gs.transpose(1, 2), q), torch.bmm(p.transpose(1, 2), g), None


def attend(q, k, v):
    """Causal attention of whole rows, (n, heads, T, d) each: (n, T, heads x dv)."""
    n, t = q.shape[0], q.shape[2]
    if torch.is_autocast_enabled("cpu"):
        q, k, v = q.bfloat16(), k.bfloat16(), v.bfloat16()
    mask = torch.full((t, t), -1e9, dtype=q.dtype).triu(1)
    o = Attend.apply(q.flatten(0, 1), k.flatten(0, 1), v.flatten(0, 1), mask).view(n, -1, t, v.shape[-1])
    return o.transpose(1, 2).flatten(2)


class Mixture(nn.Module):
    """The routed experts, chosen by sigmoid scores with a bias that balances them, within the best groups; and the shared one."""

    def __init__(self, c):
        super().__init__()
        self.n, self.top, self.groups, self.kept, self.scale = c["n_routed_experts"], c["num_experts_per_tok"], c["n_group"], c["topk_group"], c["routed_scaling_factor"]
        hidden, inner = c["hidden_size"], c["moe_intermediate_size"]
        self.router = linear(hidden, self.n)
        self.gate_up = nn.Parameter(torch.randn(self.n, 2 * inner, hidden) * 0.6 / math.sqrt(hidden))
        self.down = nn.Parameter(torch.randn(self.n, hidden, inner) * 0.6 / math.sqrt(inner))
        self.shared_experts = Mlp(hidden, inner * c["n_shared_experts"])
        self.register_buffer("bias", torch.zeros(self.n))
        self.load = None

    def route(self, x):
        """x (tokens, hidden): experts (tokens, top), weights alike."""
        with torch.autocast("cpu", enabled=False):
            scores = F.linear(x.float(), self.router.weight).sigmoid()
        with torch.no_grad():
            choice = scores + self.bias
            if self.kept < self.groups:
                by_group = choice.view(-1, self.groups, self.n // self.groups)
                best = by_group.topk(2, -1)[0].sum(-1)
                dropped = best < best.topk(self.kept, -1)[0][:, -1:]
                choice = by_group.masked_fill(dropped[..., None], -1e9).view(-1, self.n)
            experts = choice.topk(self.top, -1)[1]
        weights = scores.gather(1, experts)
        return experts, weights / (weights.sum(-1, keepdim=True) + 1e-20) * self.scale

    def forward(self, x):
        shape = x.shape
        x = x.reshape(-1, shape[-1])
        experts, weights = self.route(x)
        flat = experts.flatten()
        order = flat.argsort()
        counts = torch.bincount(flat, minlength=self.n)
        self.load = counts
        rows = order // self.top
        parts = x.to(torch.bfloat16)[rows].split(counts.tolist()) if torch.is_autocast_enabled("cpu") else x[rows].split(counts.tolist())
        done = []
        for e, part in enumerate(parts):
            gate, up = F.linear(part, self.gate_up[e]).chunk(2, -1)
            done.append(F.linear(F.silu(gate) * up, self.down[e]))
        y = torch.cat(done).float() * weights.flatten()[order][:, None]
        y = torch.zeros(x.shape, dtype=torch.float32).index_add(0, rows, y)
        return (y + self.shared_experts(x)).view(shape)


class Layer(nn.Module):
    def __init__(self, c, attention, mlp):
        super().__init__()
        eps = c["rms_norm_eps"]
        self.input_layernorm, self.self_attn = Norm(c["hidden_size"], eps), attention
        self.post_attention_layernorm, self.mlp = Norm(c["hidden_size"], eps), mlp

    def forward(self, x, cos, sin, cache=None):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Draft(nn.Module):
    """Multi-token prediction: of a token and the row of the one before it, the token after the next."""

    def __init__(self, c):
        super().__init__()
        hidden, eps = c["hidden_size"], c["rms_norm_eps"]
        self.enorm, self.hnorm, self.eh_proj, self.norm = Norm(hidden, eps), Norm(hidden, eps), linear(2 * hidden, hidden), Norm(hidden, eps)
        self.layer = Layer(c, LatentAttention(c), Mixture(c))


class Model(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        hidden, n = c["hidden_size"], c["num_hidden_layers"]
        self.embed = nn.Embedding(c["vocab_size"], hidden)
        nn.init.normal_(self.embed.weight, std=0.1 if c["tie_word_embeddings"] else 0.5)
        if c["model_type"] == "deepseek_v3":
            self.layers = nn.ModuleList(
                Layer(c, LatentAttention(c), Mlp(hidden, c["intermediate_size"]) if i < c["first_k_dense_replace"] else Mixture(c)) for i in range(n)
            )
            dims = c["qk_rope_head_dim"]
        else:
            self.layers = nn.ModuleList(Layer(c, GroupedAttention(c, c["model_type"] == "qwen2"), Mlp(hidden, c["intermediate_size"])) for _ in range(n))
            dims = hidden // c["num_attention_heads"]
        self.norm, self.head = Norm(hidden, c["rms_norm_eps"]), linear(hidden, c["vocab_size"])
        if c["tie_word_embeddings"]:
            self.head.weight = self.embed.weight
        self.draft = Draft(c) if c.get("num_nextn_predict_layers") else None
        cos, sin = rotations(c["rope_theta"], dims, c["max_position_embeddings"])
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def hidden(self, ids, caches=None, start=0, positions=None):
        """The rows behind the final norm, (rows, T, hidden)."""
        x = self.embed(ids)
        if positions is not None:  # (rows, T): for batches whose rows begin at different places
            cos, sin = self.cos[positions][:, None], self.sin[positions][:, None]
        else:
            cos, sin = self.cos[start : start + ids.shape[1]], self.sin[start : start + ids.shape[1]]
        for i, layer in enumerate(self.layers):
            x = layer(x, cos, sin, caches[i] if caches else None)
        return self.norm(x)

    def forward(self, ids):
        return self.head(self.hidden(ids))

    def draft_hidden(self, ids, hidden):
        """Row i of T - 1 is of token i + 1 and of hidden row i, and guesses token i + 2."""
        d, t = self.draft, ids.shape[1] - 1
        x = d.eh_proj(torch.cat((d.enorm(self.embed(ids[:, 1:])), d.hnorm(hidden[:, :-1])), -1))
        return d.norm(d.layer(x, self.cos[:t], self.sin[:t]))

    def mixtures(self):
        return [m for m in self.modules() if isinstance(m, Mixture)]

    def tensors(self):
        """By their published names."""
        out = {"model.embed_tokens.weight": self.embed.weight, "model.norm.weight": self.norm.weight}
        if not self.c["tie_word_embeddings"]:
            out["lm_head.weight"] = self.head.weight
        for i, layer in enumerate(self.layers):
            published(layer, f"model.layers.{i}.", out)
        if self.draft is not None:
            d, p = self.draft, f"model.layers.{len(self.layers)}."
            published(d.layer, p, out)
            out |= {p + "embed_tokens.weight": self.embed.weight, p + "enorm.weight": d.enorm.weight, p + "hnorm.weight": d.hnorm.weight}
            out |= {p + "eh_proj.weight": d.eh_proj.weight, p + "shared_head.norm.weight": d.norm.weight, p + "shared_head.head.weight": self.head.weight}
        return {k: v.detach() for k, v in out.items()}


def published(layer, prefix, out):
    for name, tensor in layer.named_parameters():
        if not name.startswith(("mlp.gate_up", "mlp.down", "mlp.router")) or isinstance(layer.mlp, Mlp):
            out[prefix + name] = tensor
    if isinstance(layer.mlp, Mixture):
        m, p = layer.mlp, prefix + "mlp."
        out |= {p + "gate.weight": m.router.weight, p + "gate.e_score_correction_bias": m.bias}
        for e in range(m.n):
            gate, up = m.gate_up[e].chunk(2)
            q = f"{p}experts.{e}."
            out |= {q + "gate_proj.weight": gate, q + "up_proj.weight": up, q + "down_proj.weight": m.down[e]}
