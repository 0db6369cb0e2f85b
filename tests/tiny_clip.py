"""A real CLIP model with random weights, small enough to be made in a test."""

from __future__ import annotations

import json
from pathlib import Path

SIDE = 32


def make_tiny_clip(folder: Path, *, seed: int = 1, dim: int = 32) -> Path:
    """Write a CLIP of one layer that reads letters, and return its folder."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(seed)
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary = [*words, "<|startoftext|>", "<|endoftext|>"]
    layer = {
        "hidden_size": dim,
        "intermediate_size": 2 * dim,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    ends = {"bos_token_id": len(words), "eos_token_id": len(words) + 1, "pad_token_id": 1}
    config = CLIPConfig(
        text_config={**layer, **ends, "vocab_size": len(vocabulary)},
        vision_config={**layer, "image_size": SIDE, "patch_size": 8},
        projection_dim=dim,
    )
    CLIPModel(config).save_pretrained(str(folder))
    files = {
        "vocab.json": json.dumps({word: number for number, word in enumerate(vocabulary)}),
        "merges.txt": "#version: 0.2\n",
        "tokenizer_config.json": json.dumps({"tokenizer_class": "CLIPTokenizer"}),
        "preprocessor_config.json": json.dumps({"crop_size": SIDE, "size": SIDE}),
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder
