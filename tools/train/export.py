"""Writes a trained model as a Hugging Face folder: config.json, model.safetensors (BF16), tokenizer, generation_config.json.

    export.py FOLDER STATE [--draft STATE]
"""
import argparse
import json
import os
import shutil

import torch
from safetensors.torch import save_file

import configs
from model import Model


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, indent=2)
        f.write("\n")


def load(path, draft=None):
    state = torch.load(path, weights_only=True)
    weights, config = state["model"], state["config"]
    if draft:
        both = torch.load(draft, weights_only=True)
        assert all(torch.equal(v, both["model"][k]) for k, v in weights.items()), "the draft was trained for another model"
        weights, config = both["model"], both["config"]
    model = Model(config)
    model.load_state_dict(weights)
    return model.eval()


def export(model, folder, tokenizer, dtype=torch.bfloat16):
    os.makedirs(folder, exist_ok=True)
    keep = lambda name: torch.float32 if name.endswith("e_score_correction_bias") else dtype
    tensors = {k: v.to(keep(k)).contiguous().clone() for k, v in model.tensors().items()}
    save_file(tensors, f"{folder}/model.safetensors", metadata={"format": "pt"})
    config = dict(model.c) | {"torch_dtype": str(dtype).split(".")[-1]}
    write_json(f"{folder}/config.json", config)
    write_json(f"{folder}/generation_config.json", {"bos_token_id": 0, "eos_token_id": 1, "do_sample": True, "temperature": 0.6, "top_p": 0.95})
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(f"{tokenizer}/{name}", f"{folder}/{name}")
    return sum(v.numel() for v in tensors.values())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("state")
    p.add_argument("--draft")
    p.add_argument("--dtype", default="bfloat16", choices=("bfloat16", "float32"))
    p.add_argument("--tokenizer", default=os.path.expanduser("~/.cache/burhan/train/tokenizer"))
    a = p.parse_args()
    n = export(load(a.state, a.draft), a.folder, a.tokenizer, getattr(torch, a.dtype))
    print(f"{n} numbers, {os.path.getsize(a.folder + '/model.safetensors')} bytes")


if __name__ == "__main__":
    main()
