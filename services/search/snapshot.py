"""The snapshot of an HNSW graph on disk: written in full or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """What the `.json` file says about the `.bin` file.

    The graph holds the embeddings up to the id `last_id`, whose text hash is `last_hash`, as they
    were after the erasure with the id `erasure` (0: before any). `rows` is how many it has (None:
    an earlier version wrote it).
    """

    fingerprint: str
    dim: int
    last_id: int
    last_hash: str
    sha256: str
    erasure: int = 0
    rows: int | None = None


@dataclass(frozen=True)
class SnapshotFiles:
    """The two files of a snapshot, for vectors of one fingerprint and dimension.

    Each model has its own, so that the way back to an earlier one is short.
    """

    folder: Path
    fingerprint: str
    dim: int

    def describe(self) -> Snapshot | None:
        """Return the description; None where it cannot be read or is of another model."""
        try:
            self._adopt_older()
            found = Snapshot(**json.loads(self._description.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return found if (found.fingerprint, found.dim) == (self.fingerprint, self.dim) else None

    def read(self) -> tuple[Any, Snapshot] | None:
        """Return the graph and its description, or None where there is no valid one of ours."""
        try:
            self._adopt_older()
            snapshot = Snapshot(**json.loads(self._description.read_text(encoding="utf-8")))
            if (snapshot.fingerprint, snapshot.dim) != (self.fingerprint, self.dim):
                logger.info("the index snapshot is of another model; building a new one")
                return None
            if _sha256(self._graph) != snapshot.sha256:
                logger.warning("the index snapshot is damaged; building a new one")
                return None
            from services.search.graph import read_graph  # counting its rows takes no graph

            graph = read_graph(self.dim, self._graph)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            logger.warning("the index snapshot cannot be read (%s); building a new one", error)
            return None
        return graph, snapshot

    def write(self, graph: Any, last_id: int, last_hash: str, erasure: int) -> None:
        """Write a graph: each file to a temporary one, synced, then renamed over the old one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self._graph.with_suffix(f".{os.getpid()}.tmp")
        try:
            graph.save_index(str(temporary))
            sha256 = _sha256(temporary)
            _sync(temporary)
            temporary.replace(self._graph)
        finally:
            temporary.unlink(missing_ok=True)
        snapshot = Snapshot(
            self.fingerprint, self.dim, last_id, last_hash, sha256, erasure, graph.element_count
        )
        _write_synced(self._description, json.dumps(asdict(snapshot)))

    def delete(self) -> None:
        """Delete the snapshot, if there is one."""
        for file in (self._graph, self._description):
            file.unlink(missing_ok=True)

    def _adopt_older(self) -> None:
        """Rename the snapshot of a version that kept one for all models, if it is of this one."""
        older = self.folder / "index.json"
        if self._description.exists() or not older.exists():
            return
        found = json.loads(older.read_text(encoding="utf-8"))
        if found.get("fingerprint") == self.fingerprint:
            (self.folder / "index.bin").replace(self._graph)
            older.replace(self._description)

    @property
    def _graph(self) -> Path:
        return self.folder / f"index-{self._key}.bin"

    @property
    def _description(self) -> Path:
        return self.folder / f"index-{self._key}.json"

    @property
    def _key(self) -> str:
        return hashlib.sha256(self.fingerprint.encode()).hexdigest()[:16]


def saved_files(folder: Path) -> list[Path]:
    """Return the files of all snapshots in a folder, those of earlier versions, too."""
    return sorted(file for end in ("bin", "json") for file in folder.glob(f"index*.{end}"))


def saved_models(folder: Path) -> list[tuple[str, int]]:
    """Return the fingerprints and dimensions of the snapshots in a folder.

    The files of those that cannot be read are deleted: nobody can use them.
    """
    found = []
    for file in sorted(folder.glob("index*.json")):
        try:
            known = json.loads(file.read_text(encoding="utf-8"))
            found.append((str(known["fingerprint"]), int(known["dim"])))
        except (OSError, ValueError, KeyError, TypeError):
            file.unlink(missing_ok=True)
    for graph in folder.glob("index*.bin"):
        if not graph.with_suffix(".json").exists():
            graph.unlink()
    return found


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _write_synced(file: Path, text: str) -> None:
    temporary = file.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8")
    _sync(temporary)
    temporary.replace(file)
