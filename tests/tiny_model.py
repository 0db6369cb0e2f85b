"""A real sentence-transformers model with random weights, small enough to be made in a test."""

from __future__ import annotations

from pathlib import Path

from services.search.embedders.embedding import SentenceTransformerEmbedder


def make_tiny_model(folder: Path, *, seed: int, dim: int = 32) -> Path:
    """Write a BERT of one layer with the default model's tokenizer, and return its folder."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(str(SentenceTransformerEmbedder().folder))
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=dim,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=2 * dim,
        max_position_embeddings=128,
    )
    bare = folder.with_name(f"{folder.name}-bare")
    BertModel(config).save_pretrained(str(bare))
    tokenizer.save_pretrained(str(bare))
    words = Transformer(str(bare), max_seq_length=128)
    SentenceTransformer(
        modules=[words, Pooling(words.get_embedding_dimension()), Normalize()], device="cpu"
    ).save(str(folder))
    return folder
