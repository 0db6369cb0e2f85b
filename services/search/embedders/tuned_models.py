"""Models that learned from a team: folders beside those that were downloaded.

The note in each folder names the model that it began as, and the items whose texts it learned from:
by these it is known what erased text is still in its weights.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from services.search.embedders.model_files import RECORD

# What a model that is being made is called: a folder that nothing finds.
PART = ".tuning"


@dataclass(frozen=True)
class TunedModel:
    """A model that learned from a team, as its folder notes it.

    `base` is the model that it began as, `learned_from` the ids of the items whose texts it read,
    `map_before` and `map_after` the figures of the held-out part.
    """

    name: str
    base: str
    sha256: str
    tuned_at: datetime
    learned_from: frozenset[int]
    map_before: float
    map_after: float


def tuned_name(base: str, folder: Path, now: datetime) -> str:
    """Return a name that no model in the folder has yet: `all-MiniLM-L6-v2-tuned-2026-11-29`."""
    name = f"{Path(base).name}-tuned-{now:%Y-%m-%d}"
    number = 1
    while (folder / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return name if number == 1 else f"{name}-{number}"


def write_note(folder: Path, model: TunedModel) -> None:
    """Note in the folder of a model what it is."""
    note = {
        **asdict(model),
        "source": "tuned",
        "tuned_at": model.tuned_at.isoformat(),
        "learned_from": sorted(model.learned_from),
    }
    (folder / RECORD).write_text(json.dumps(note), encoding="utf-8")


def tuned_models(folder: Path) -> list[TunedModel]:
    """Return all models in a folder that learned from a team, the newest first."""
    notes = folder.glob(f"*/{RECORD}") if folder.is_dir() else []
    found = [one for one in map(_read, notes) if one is not None]
    return sorted(found, key=lambda one: (one.tuned_at, one.name), reverse=True)


def find_tuned(folder: Path, name: str) -> TunedModel | None:
    """Return the model of this name, if it learned from a team."""
    return next((one for one in tuned_models(folder) if one.name == name), None)


def delete_tuned(folder: Path, model: TunedModel) -> None:
    """Delete the folder of a model that learned from a team."""
    shutil.rmtree(folder / model.name)


def _read(file: Path) -> TunedModel | None:
    if file.parent.name == PART:
        return None
    try:
        note = json.loads(file.read_text(encoding="utf-8"))
        if note.get("source") != "tuned":
            return None
        return TunedModel(
            name=file.parent.name,
            base=str(note["base"]),
            sha256=str(note["sha256"]),
            tuned_at=datetime.fromisoformat(note["tuned_at"]),
            learned_from=frozenset(map(int, note["learned_from"])),
            map_before=float(note["map_before"]),
            map_after=float(note["map_after"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
