"""Déjà's tables, column types and engine."""

from models.database import Database, add_to, insert_new, put
from models.tables import (
    Answer,
    Base,
    Calibration,
    Change,
    Channel,
    Document,
    Embedding,
    Frequency,
    Item,
    Job,
    Neighbourhood,
    Pool,
    Profile,
    Question,
    ShownMatch,
    Verdict,
    Workspace,
)
from models.types import contains_term

__all__ = [
    "Answer",
    "Base",
    "Calibration",
    "Change",
    "Channel",
    "Database",
    "Document",
    "Embedding",
    "Frequency",
    "Item",
    "Job",
    "Neighbourhood",
    "Pool",
    "Profile",
    "Question",
    "ShownMatch",
    "Verdict",
    "Workspace",
    "add_to",
    "contains_term",
    "insert_new",
    "put",
]
