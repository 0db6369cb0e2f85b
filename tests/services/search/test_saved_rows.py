"""The rows of the saved index, counted without reading its graph."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from sqlalchemy import delete

from bot.wiring import Services
from models import Embedding, Workspace
from services.search.hnsw import HnswIndex
from services.search.saved_rows import count_saved_rows
from services.search.snapshot import SnapshotFiles
from tests.remembering import remember, ticket


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_count_is_that_of_the_loaded_index(services: Services, workspace: Workspace) -> None:
    """Also after rows came and went; without a description that says it, nothing is counted."""
    index = services.index
    assert isinstance(index, HnswIndex)
    files = SnapshotFiles(
        services.settings.index_dir, services.embedder.fingerprint, services.embedder.dim
    )
    first = remember(
        services, workspace, [ticket(f"{n}", f"printer {n} prints blank pages") for n in range(4)]
    )
    with services.database.read() as session:
        assert count_saved_rows(session, files) is None
    assert index.count() == (4, 0)
    index.save()
    remember(services, workspace, [ticket("new", "the scanner is offline")])
    with services.database.write() as session:
        session.execute(delete(Embedding).where(Embedding.item_id == first[0].item_id))
    with services.database.read() as session:
        assert count_saved_rows(session, files) == index.count() == (5, 1)
        assert count_saved_rows(session, replace(files, fingerprint="another")) is None
        description = files.describe()
        assert description is not None
        earlier = {**asdict(description), "rows": None}
        (file,) = files.folder.glob("index-*.json")
        file.write_text(json.dumps(earlier))
        assert count_saved_rows(session, files) is None
