"""A program that opens an index and prints by how many bytes that makes its process grow."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import numpy as np
import psutil

from models import Database
from services.search.hnsw import HnswIndex


def main(url: str, fingerprint: str, dim: str, folder: str) -> None:
    """Load the index in `folder`, or build it if there is none, and search once."""
    database = Database.connect(url)
    index = HnswIndex(database, fingerprint=fingerprint, dim=int(dim), folder=Path(folder))
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    index.load()
    index.search(np.ones((1, int(dim)), dtype=np.float32), workspace_id=1, limit=10)
    gc.collect()
    print(process.memory_info().rss - before)


if __name__ == "__main__":
    main(*sys.argv[1:])
