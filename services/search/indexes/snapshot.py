"""The snapshot of a workspace's HNSW graph on disk: written in full or not at all."""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# No disk takes that long to write the next part of a file, or to read it for its hash.
ABANDONED_SECONDS = 3_600

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """What the `.json` file says about the `.bin` file.

    The graph has `rows` embeddings, up to the id `last_id`, whose text hash is `last_hash`, as they
    were after the workspace's erasure with the id `erasure` (0: before any).
    """

    fingerprint: str
    dim: int
    last_id: int
    last_hash: str
    sha256: str
    erasure: int
    rows: int


@dataclass(frozen=True)
class SnapshotFiles:
    """The two files of a snapshot: of one workspace's vectors of one fingerprint and dimension.

    Each model has its own, so that the way back to an earlier one is short. The names of files that
    are being written have `writer` in them, if whoever started the writer is to recognise them.
    """

    folder: Path
    fingerprint: str
    dim: int
    workspace_id: int
    writer: str = ""

    def describe(self) -> Snapshot | None:
        """Return the description; None where it cannot be read or is of another model."""
        try:
            found = self._described()
        except (OSError, ValueError, TypeError):
            return None
        return found if (found.fingerprint, found.dim) == (self.fingerprint, self.dim) else None

    def is_damaged(self) -> bool:
        """Say whether the graph is not what its description says; it is read in parts."""
        snapshot = self.describe()
        return snapshot is not None and (
            not self._graph.exists() or _sha256(self._graph) != snapshot.sha256
        )

    def read(self) -> tuple[Any, Snapshot] | None:
        """Return the graph and its description, or None where there is no valid one of ours."""
        try:
            snapshot = self._described()
            if (snapshot.fingerprint, snapshot.dim) != (self.fingerprint, self.dim):
                logger.info("the index snapshot is of another model; building a new one")
                return None
            if _sha256(self._graph) != snapshot.sha256:
                logger.warning("the index snapshot is damaged; building a new one")
                return None
            from services.search.indexes.graph import read_graph  # counting its rows takes no graph

            graph = read_graph(self.dim, self._graph)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            logger.warning("the index snapshot cannot be read (%s); building a new one", error)
            return None
        return graph, snapshot

    def write(self, graph: Any) -> Path:
        """Write a graph to a file of its own, which `publish` makes the snapshot.

        Raises `OSError` if it cannot be written in full.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._delete_abandoned()
        # Not named after the process: two threads may write, and two containers have equal ids.
        file = self.folder / f"{self.stem}.{self.writer}{secrets.token_hex(8)}.tmp"
        try:
            graph.save_index(str(file))
            _ensure_size(file, graph.index_file_size())
        except BaseException:
            file.unlink(missing_ok=True)
            raise
        return file

    def publish(
        self, written: Path, *, last_id: int, last_hash: str, erasure: int, rows: int
    ) -> None:
        """Make what was written the snapshot.

        The graph itself is not needed for it, and hashing a large file takes seconds. Both files
        are complete and synced before the first takes its place.
        """
        description = written.with_suffix(".json.tmp")
        try:
            sha256 = _sha256(written)
            snapshot = Snapshot(
                self.fingerprint, self.dim, last_id, last_hash, sha256, erasure, rows
            )
            description.write_text(json.dumps(asdict(snapshot)), encoding="utf-8")
            for file in (written, description):
                _sync(file)
            written.replace(self._graph)
            description.replace(self._description)
        finally:
            for file in (written, description):
                file.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete the snapshot, if there is one."""
        for file in (self._graph, self._description):
            file.unlink(missing_ok=True)

    def delete_unfinished(self) -> None:
        """Delete what `writer`, which has ended and shares its name with no other, left behind."""
        for file in self.folder.glob(f"{self.stem}.{self.writer}*.tmp"):
            file.unlink(missing_ok=True)

    def _delete_abandoned(self) -> None:
        """Delete what processes were writing when they were killed, each as large as the graph."""
        for file in self.folder.glob(f"{self.stem}.*.tmp"):
            with suppress(FileNotFoundError):  # it has become the snapshot
                if time.time() - file.stat().st_mtime > ABANDONED_SECONDS:
                    file.unlink()

    def adopt_shared(self) -> None:
        """Take the snapshot that an earlier version kept of all workspaces: it is this one's."""
        shared = self.folder / f"index-{_key(self.fingerprint)}.json"
        if shared.exists() and not self._description.exists():
            with suppress(OSError):  # of a read-only folder
                shared.with_suffix(".bin").replace(self._graph)
                shared.replace(self._description)

    def _described(self) -> Snapshot:
        return Snapshot(**json.loads(self._description.read_text(encoding="utf-8")))

    @property
    def stem(self) -> str:
        """The name that both have in common."""
        return f"index-{_key(self.fingerprint)}-{self.workspace_id}"

    @property
    def _graph(self) -> Path:
        return self.folder / f"{self.stem}.bin"

    @property
    def _description(self) -> Path:
        return self._graph.with_suffix(".json")


def saved_files(folder: Path) -> list[Path]:
    """Return the files of all snapshots in a folder, those of earlier versions, too."""
    return sorted(file for end in ("bin", "json") for file in folder.glob(f"index*.{end}"))


def saved_snapshots(folder: Path) -> list[SnapshotFiles]:
    """Return the snapshots in a folder.

    The files of those that cannot be read are deleted, as are those of earlier versions.
    """
    found = []
    for file in saved_files(folder):
        workspace = file.stem.rpartition("-")[2]
        try:
            known = Snapshot(**json.loads(file.with_suffix(".json").read_text(encoding="utf-8")))
            files = SnapshotFiles(folder, known.fingerprint, known.dim, int(workspace))
            is_own = file.stem == files.stem
        except (OSError, ValueError, TypeError):
            is_own = False
        if not is_own:
            file.unlink(missing_ok=True)
        elif file.suffix == ".json":
            found.append(files)
    return found


def delete_snapshots(folder: Path, fingerprint: str, kept: Collection[int] = ()) -> None:
    """Delete the snapshots of a model, but for those of some workspaces."""
    names = {SnapshotFiles(folder, fingerprint, 0, one).stem for one in kept}
    for file in saved_files(folder):
        if file.stem.startswith(f"index-{_key(fingerprint)}") and file.stem not in names:
            file.unlink(missing_ok=True)


def _key(fingerprint: str) -> str:
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:16]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _ensure_size(file: Path, size: int) -> None:
    """Raise `OSError` for a file that is not as large: hnswlib does not say that a disk is full."""
    if file.stat().st_size < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))


def _sync(file: Path) -> None:
    with file.open("rb") as stream:
        os.fsync(stream.fileno())
