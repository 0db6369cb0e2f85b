"""How the model computes on this machine: measured once, and kept in a file of the data folder.

Processes that embed much measure; all others read what was found. The file belongs to a machine, a
model and a version of PyTorch: where one of them is another, it is measured again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import copy
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import ModelError
from services.search.embedders.embedding import Embedder, SentenceTransformerEmbedder
from services.search.embedders.joined import JoinedEmbedder
from services.search.embedders.numerics import (
    PRECISIONS,
    Measurement,
    Numerics,
    measure,
    precisions_here,
)
from services.search.embedders.onnx_embedder import OnnxEmbedder
from services.search.embedders.reduced import ReducedEmbedder

if TYPE_CHECKING:
    from bot.settings import Settings

FILE = "model-speed.json"

CPU_INFO = Path("/proc/cpuinfo")

logger = logging.getLogger(__name__)


def apply_numerics(embedder: Embedder, settings: Settings) -> None:
    """Let a model compute as the settings say, or as was measured; nothing is loaded for that."""
    for part in measurable_parts(embedder):
        if settings.precision == "auto":
            found = find_measurement(part, settings)
            part.compute_with(Numerics() if found is None else found.fastest)
        else:
            part.compute_with(Numerics(settings.precision))


def has_free_cores() -> bool:
    """Say whether less is running than the machine has cores for, in the last minute's mean."""
    from joblib import cpu_count  # it knows the limits of containers

    return bool(os.getloadavg()[0] <= cpu_count())


def ensure_measured(
    embedder: Embedder, settings: Settings, *, may_measure: Callable[[], bool] = has_free_cores
) -> None:
    """Measure a model that was not measured on this machine yet, and apply what is fastest.

    Nothing is measured on a busy machine: what is fastest there may be the slowest on another day,
    and what was found is kept. A model that cannot be measured stays as it is: why it cannot be
    loaded is for those to say who read a text.
    """
    if settings.precision == "auto":
        for part in measurable_parts(embedder):
            if find_measurement(part, settings) is None and may_measure():
                # PyTorch raises RuntimeError where it has no bfloat16 for a part of a model.
                with suppress(ModelError, RuntimeError):
                    measure_numerics(part, settings)
    apply_numerics(embedder, settings)


def load_model(embedder: Embedder, settings: Settings) -> None:
    """Load a model as it is fastest here, so that the first ticket does not wait for it.

    Raises `ModelError` if it is unusable.
    """
    logger.info("loading the model")
    ensure_measured(embedder, settings)
    embedder.encode(["a first text"])


def measure_numerics(embedder: SentenceTransformerEmbedder, settings: Settings) -> Measurement:
    """Measure a model, which takes a second or two, and keep what was found."""
    from joblib import cpu_count  # it knows the limits of containers

    precisions = precisions_here()
    # They share what is loaded until one of them loads it in another precision.
    copies = {one: copy(embedder) for one in precisions}

    def read(numerics: Numerics, texts: Sequence[str]) -> None:
        copies[numerics.precision].compute_with(numerics)
        copies[numerics.precision].encode(texts)

    found = measure(read, cpu_count(), precisions)
    logger.info("%s: %s", embedder.model, measurement_text(found))
    _store(_file(settings), _key(embedder), found)
    return found


def find_measurement(
    embedder: SentenceTransformerEmbedder, settings: Settings
) -> Measurement | None:
    """Return what was measured of a model on this machine; None if nothing was."""
    try:
        found = _read(_file(settings))[_key(embedder)]
        speeds = {_numerics(one): float(one["texts a second"]) for one in found}
        fastest = next(_numerics(one) for one in found if one["fastest"])
    except (KeyError, TypeError, ValueError, StopIteration):
        return None
    return Measurement(fastest, speeds)


def numerics_text(embedder: Embedder, settings: Settings) -> str:
    """Say how a model computes here and why, in one line; `""` for what has no choice."""
    texts = [
        f"ONNX Runtime, {part.threads} thread{'s' * (part.threads != 1)}"
        for part in _parts(embedder)
        if isinstance(part, OnnxEmbedder)
    ]
    for part in measurable_parts(embedder):
        found = find_measurement(part, settings)
        if settings.precision != "auto":
            texts.append(f"{settings.precision}, as DEJA_PRECISION says")
        elif found is None:
            texts.append("float32; not measured yet: `deja model speed` does")
        else:
            texts.append(measurement_text(found))
    return "; ".join(texts)


def measurement_text(found: Measurement) -> str:
    """Say what is fastest, and how fast all are that were compared."""
    speeds = "; ".join(f"{one}: {speed:.0f}" for one, speed in found.speeds.items())
    text = f"{found.fastest}, the fastest here (texts a second: {speeds})"
    has_both = any(one.precision == "bfloat16" for one in found.speeds)
    return text if has_both else f"{text}; this processor has no bfloat16"


def measurable_parts(embedder: Embedder) -> Sequence[SentenceTransformerEmbedder]:
    """Return the models that have a choice: one, those used side by side, or none."""
    return [part for part in _parts(embedder) if isinstance(part, SentenceTransformerEmbedder)]


def _parts(embedder: Embedder) -> Sequence[Embedder]:
    """Return the models that an embedder is made of."""
    if isinstance(embedder, ReducedEmbedder):
        return _parts(embedder.base)
    return embedder.parts if isinstance(embedder, JoinedEmbedder) else [embedder]


def _key(embedder: SentenceTransformerEmbedder) -> str:
    return f"{embedder.model} on {_machine()}"


def _machine() -> str:
    """Name the processor, what it can do, how many there are, and what computes on it."""
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = [platform.processor()]
    # In the order of the file, and each once: all cores say the same.
    kept = dict.fromkeys(
        one for one in lines if one.startswith(("model name", "flags", "Features"))
    )
    digest = hashlib.sha256("\n".join(kept).encode()).hexdigest()
    return f"{platform.machine()} {digest[:12]}, {os.cpu_count()} cores, torch {version('torch')}"


def _file(settings: Settings) -> Path:
    return settings.data_dir / FILE


def _numerics(found: dict[str, Any]) -> Numerics:
    if found["precision"] not in PRECISIONS:
        raise ValueError(found["precision"])
    return Numerics(found["precision"], int(found["threads"]))


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def speeds_as_json(found: Measurement) -> list[dict[str, object]]:
    """Return what was compared, and which of it is fastest."""
    return [
        {
            "precision": one.precision,
            "threads": one.threads,
            "texts a second": round(speed, 1),
            "fastest": one == found.fastest,
        }
        for one, speed in found.speeds.items()
    ]


def _store(file: Path, key: str, found: Measurement) -> None:
    kept = {**_read(file), key: speeds_as_json(found)}
    temporary = file.with_suffix(".new")
    try:
        temporary.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        temporary.replace(file)
    except OSError as error:  # it is only measured again by the next process
        logger.warning("%s cannot be written: %s", file, error.strerror)
