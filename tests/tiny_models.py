"""Models of every architecture in the table, with random weights and a few dimensions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.tiny_model import make_tiny_model

WORDS = "the printer on floor two prints blank pages since monday der drucker druckt leere seiten"

DIM = 32


def make_mpnet(folder: Path) -> Path:
    """Write a model of the architecture of all-mpnet-base-v2."""
    from transformers import MPNetConfig, MPNetModel

    return _transformer(folder, MPNetModel(MPNetConfig(**_sizes())), _word_pieces())


def make_bert(folder: Path) -> Path:
    """Write a model of the architecture of all-MiniLM-L6-v2 and bge-small-en-v1.5."""
    return make_tiny_model(folder, seed=5, dim=DIM)


def make_multilingual_bert(folder: Path) -> Path:
    """Write that of multilingual-e5-small and paraphrase-multilingual-MiniLM-L12-v2."""
    from transformers import BertConfig, BertModel

    return _transformer(folder, BertModel(BertConfig(**_sizes())), _unigram())


def make_roberta(folder: Path) -> Path:
    """Write that of st-codesearch-distilroberta-base."""
    from transformers import RobertaConfig, RobertaModel

    return _transformer(folder, RobertaModel(RobertaConfig(**_sizes())), _bytes())


def make_words(folder: Path) -> Path:
    """Write averaged word vectors."""
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, WordEmbeddings
    from sentence_transformers.sentence_transformer.modules.tokenizer import WhitespaceTokenizer

    known = WORDS.split()
    vectors = np.random.default_rng(1).standard_normal((len(known), DIM)).astype(np.float32)
    words = WordEmbeddings(WhitespaceTokenizer(known, ["the"]), vectors)
    modules = [words, Pooling(DIM)]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder))
    return folder


def make_static(folder: Path) -> Path:
    """Write static vectors, as sentence-transformers saves them."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    static = StaticEmbedding(_word_pieces(), embedding_dim=DIM)
    SentenceTransformer(modules=[static], device="cpu").save(str(folder))
    return folder


def make_model2vec(folder: Path) -> Path:
    """Write static vectors as model2vec does."""
    import numpy as np
    from safetensors.numpy import save_file

    tokenizer = _word_pieces()
    folder.mkdir(parents=True)
    size = (tokenizer.get_vocab_size(), DIM)
    vectors = np.random.default_rng(1).standard_normal(size).astype(np.float32)
    save_file({"embeddings": vectors}, str(folder / "model.safetensors"))
    tokenizer.save(str(folder / "tokenizer.json"))
    module = "sentence_transformers.models.StaticEmbedding"
    modules = [{"idx": 0, "name": "0", "path": ".", "type": module}]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "config.json").write_text(json.dumps({"model_type": "model2vec"}))
    return folder


def make_clip(folder: Path) -> Path:
    """Write a CLIP model."""
    from transformers import CLIPConfig, CLIPModel

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16}  # fmt: skip
    config = CLIPConfig(
        text_config={**sizes, "vocab_size": 64},
        vision_config={**sizes, "image_size": 16, "patch_size": 8},
        projection_dim=16,
    )
    CLIPModel(config).save_pretrained(str(folder))
    module = "sentence_transformers.models.CLIPModel"
    (folder / "modules.json").write_text(
        json.dumps([{"idx": 0, "name": "0", "path": "", "type": module}])
    )
    return folder


# The models of the table that are downloaded from the hub, and who makes one like them.
MAKERS: dict[str, Callable[[Path], Path]] = {
    "all-mpnet-base-v2": make_mpnet,
    "bge-small-en-v1.5": make_bert,
    "multilingual-e5-small": make_multilingual_bert,
    "paraphrase-multilingual-MiniLM-L12-v2": make_multilingual_bert,
    "static-similarity-mrl-multilingual-v1": make_static,
    "potion-base-8M": make_model2vec,
    "average_word_embeddings_glove.6B.300d": make_words,
    "st-codesearch-distilroberta-base": make_roberta,
}


def _sizes() -> dict[str, Any]:
    return {"vocab_size": 200, "hidden_size": DIM, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": DIM,
            "max_position_embeddings": 70}  # fmt: skip


def _transformer(folder: Path, model: Any, tokenizer: Any) -> Path:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    bare = folder.with_name(f"{folder.name}-bare")
    model.save_pretrained(str(bare))
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, unk_token="<unk>", pad_token="<pad>", mask_token="<mask>",
        bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>",
    ).save_pretrained(str(bare))  # fmt: skip
    words = Transformer(str(bare), max_seq_length=64)
    SentenceTransformer(modules=[words, Pooling(DIM), Normalize()], device="cpu").save(str(folder))
    return folder


SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def _trained(tokenizer: Any, trainer: Any) -> Any:
    from tokenizers.processors import TemplateProcessing

    tokenizer.train_from_iterator([WORDS] * 3, trainer)
    ids = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = TemplateProcessing(single="<s> $A </s>", special_tokens=ids)
    return tokenizer


def _word_pieces() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return _trained(tokenizer, trainers.WordPieceTrainer(vocab_size=150, special_tokens=SPECIAL))


def _unigram() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=100, special_tokens=SPECIAL, unk_token="<unk>")
    return _trained(tokenizer, trainer)


def _bytes() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return _trained(tokenizer, trainers.BpeTrainer(vocab_size=180, special_tokens=SPECIAL))
