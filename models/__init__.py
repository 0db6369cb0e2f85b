"""Déjà's tables, column types and engine."""

from models.database import Database, insert_new
from models.tables import (
    Answer,
    Base,
    Channel,
    Embedding,
    Item,
    Job,
    ShownMatch,
    Verdict,
    Workspace,
)

__all__ = [
    "Answer",
    "Base",
    "Channel",
    "Database",
    "Embedding",
    "Item",
    "Job",
    "ShownMatch",
    "Verdict",
    "Workspace",
    "insert_new",
]
