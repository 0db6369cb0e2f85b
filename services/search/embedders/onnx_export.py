"""Makes an optimised model of a sentence-transformers one: its graph for ONNX Runtime, and int8.

The graph has everything from tokens to the sentence's vector: transformer, pooling, dense layers.
`services.search.embedders.onnx_rounding` rounds its weights.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import ModelError
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.model_files import RECORD
from services.search.embedders.numerics import SAMPLE
from services.search.embedders.onnx_embedder import (
    GRAPH,
    NOT_INSTALLED,
    TOKENIZER,
    OnnxEmbedder,
    Reading,
    checksum_of_files,
    inputs_of,
    open_tokenizer,
    read_reading,
)
from services.search.embedders.onnx_rounding import CALIBRATION, activation_names, round_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnx import ModelProto
    from sentence_transformers import SentenceTransformer

# The operators of ONNX that PyTorch's exporter writes without a further package.
OPSET = 17

# The sentence-transformers inputs that a graph may have.
INPUTS = ("input_ids", "attention_mask", "token_type_ids")

# As those of one model in two precisions (`services.search.embedders.numerics`).
MIN_COSINE = 0.999

# Of different lengths, one longer than any window, one of a single letter, one with other letters.
_PROBES = (
    *SAMPLE[:5], "a", "Ticket 4711", "  Spaces   and\nlines ", "Größe 38 – código de error: ñandú",
    " ".join(SAMPLE) * 20,
)  # fmt: skip


def check_packages() -> None:
    """Raise `ModelError` if a package that an export needs is missing."""
    if any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxruntime")):
        raise ModelError(NOT_INSTALLED)


def export(embedder: SentenceTransformerEmbedder, folder: Path) -> None:
    """Write the graph of a model in float32, its tokenizer, and how it reads, into a folder.

    Raises `ModelError` if it cannot be exported, `OSError` if the disk is full.
    """
    model = embedder.load_copy()
    backend = _fast_tokenizer(model, embedder.model)
    given = _inputs(model, embedder)
    try:
        _write_graph(model, given, folder / GRAPH)
    except OSError:
        raise
    except Exception as error:  # PyTorch raises of all kinds for what it cannot export
        raise ModelError(
            f"The model {embedder.model} cannot be exported: {_first_line(error)}"
        ) from error
    _write_tokenizer(model, backend, folder / TOKENIZER)
    Reading(
        source=embedder.model,
        source_sha256=embedder.checksum,
        dim=embedder.dim,
        max_tokens=embedder.max_tokens,
        prompt=embedder.prompt,
        unknown=model.tokenizer.unk_token_id,
        inputs=tuple(given),
    ).write(folder)
    _note(folder)


def quantise(source: Path, target: Path) -> None:
    """Write a model with weights in int8 into the folder `target`; `source` has it in float32.

    Raises `ModelError` if that cannot be, `OSError` if the disk is full.
    """
    import onnx

    try:
        model = onnx.load(str(source / GRAPH))
        round_weights(model, _measure_activations(model, source))
        onnx.save(model, str(target / GRAPH))
    except OSError:
        raise
    except Exception as error:  # ONNX Runtime raises its own of no common kind
        raise ModelError(f"The weights cannot be rounded to int8: {_first_line(error)}") from error
    (target / TOKENIZER).write_bytes((source / TOKENIZER).read_bytes())
    read_reading(source).write(target)
    _note(target)


def _measure_activations(model: ModelProto, source: Path) -> dict[str, NDArray[np.float32]]:
    """Return the activations in calibration texts by their names, each `(tokens, channels)`."""
    import onnx
    import onnxruntime

    names, watched = activation_names(model), onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in names
    )
    session = onnxruntime.InferenceSession(
        watched.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    given = inputs_of(CALIBRATION, open_tokenizer(source), read_reading(source))
    is_token = given["attention_mask"].astype(bool)
    rows: Sequence[Any] = session.run(names, given)
    # Dense layers after pooling take one row for each text.
    return {
        name: found[is_token] if found.shape[:-1] == is_token.shape else found
        for name, found in zip(names, rows, strict=True)
    }


def check_export(embedder: SentenceTransformerEmbedder, exported: OnnxEmbedder) -> float:
    """Return the lowest cosine of a text's vectors by a model and its export in float32.

    Raises `ModelError` if that says that the export is another model.
    """
    own, other = embedder.encode(_PROBES), exported.encode(_PROBES)
    alone = exported.encode(_PROBES[-2:-1])  # as one text is not padded
    cosines = [*(own * other).sum(axis=1).tolist(), float((own[-2:-1] * alone).sum())]
    lowest = float(min(cosines))
    if not lowest >= MIN_COSINE:
        raise ModelError(
            f"The model {embedder.model} cannot be optimised: its export makes other vectors "
            f"(lowest cosine {lowest:.3f}). It stays as it is."
        )
    return lowest


def _fast_tokenizer(model: SentenceTransformer, name: str) -> Any:
    from sentence_transformers.sentence_transformer.modules import Transformer

    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    if not isinstance(model[0], Transformer) or backend is None:
        raise ModelError(
            f"{name} cannot be optimised: it is no transformer, and reads fast as it is."
        )
    return backend


def _inputs(model: SentenceTransformer, embedder: SentenceTransformerEmbedder) -> dict[str, Any]:
    """Return what the model gets for three texts of different lengths, so one is padded."""
    texts = [embedder.prompt + text for text in ("a printer", *SAMPLE[:2])]
    window = model.max_seq_length
    read = model.tokenizer(
        texts, padding=True, truncation=window is not None, max_length=window, return_tensors="pt"
    )
    return {name: read[name] for name in INPUTS if name in read}


def _write_graph(model: SentenceTransformer, given: dict[str, Any], file: Path) -> None:
    import torch

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *values: torch.Tensor) -> torch.Tensor:
            features = self.model(dict(zip(given, values, strict=True)))
            vectors: torch.Tensor = features["sentence_embedding"]
            return vectors

    dynamic = {name: {0: "batch", 1: "length"} for name in given}
    # Attention of single products is what ONNX Runtime fuses; that of PyTorch's own kernel takes a
    # tenth longer there.
    transformer: Any = model[0]
    transformer.model.set_attn_implementation("eager")
    with _quiet(), torch.no_grad():
        torch.onnx.export(
            Graph().eval(), tuple(given.values()), str(file), input_names=list(given),
            output_names=["vector"], dynamic_axes={**dynamic, "vector": {0: "batch"}},
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip


def _write_tokenizer(model: SentenceTransformer, backend: Any, file: Path) -> None:
    """Write the tokenizer so that it cuts and pads as sentence-transformers lets it."""
    from tokenizers import Tokenizer

    own, copy = model.tokenizer, Tokenizer.from_str(backend.to_str())
    window = model.max_seq_length
    if window is not None:
        copy.enable_truncation(int(window), direction=own.truncation_side)
    copy.enable_padding(
        direction=own.padding_side, pad_id=own.pad_token_id, pad_token=own.pad_token,
        pad_type_id=own.pad_token_type_id,
    )  # fmt: skip
    copy.save(str(file))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _note(folder: Path) -> None:
    text = json.dumps({"name": folder.name, "sha256": checksum_of_files(folder)}, indent=2)
    (folder / RECORD).write_text(text, encoding="utf-8")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporters tell their developers from an administrator's screen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
