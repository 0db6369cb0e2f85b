"""What `deja doctor` checks of the model, of its vectors and their index, and of languages."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from bot.cli.missing_vectors import REMEDY, missing_text
from bot.cli.terminal import count, open_database, open_index
from bot.model_choice import ModelChoice, choose_model, embedder_of
from bot.model_numerics import apply_numerics, numerics_text
from models import Item
from models.queries import LIVE, in_parts
from services.errors import DatabaseError
from services.memory.vector_coverage import vector_coverage
from services.search.embedders import use_multilingual
from services.search.embedders.by_name import reads_english_only
from services.search.embedders.joined import PLUS
from services.search.embedders.reduced import split_name
from services.search.embedders.tuned_models import find_tuned, tuned_models
from services.search.indexes.contract import FollowingIndex
from services.search.indexes.hnsw import HnswIndex
from services.search.indexes.saved_rows import count_saved_rows, has_damaged_snapshot

if TYPE_CHECKING:
    from bot.index_wiring import IndexedDatabase
    from bot.settings import Settings

State = Literal["ok", "warning", "problem"]


def check_model(settings: Settings) -> tuple[State, str]:
    """Load the model in use, and say where the setting names another one."""
    try:
        with open_database(settings) as database, database.read() as session:
            choice = choose_model(session, settings)
    except DatabaseError:  # which is told of by the check of the database
        choice = ModelChoice(settings.model, settings.model_sha256)
    embedder = embedder_of(settings, choice)
    apply_numerics(embedder, settings)
    embedder.encode(["a first text"])
    computes = numerics_text(embedder, settings)
    text = f"{embedder.fingerprint}, {embedder.dim} dimensions; {computes}"
    if choice.differs:
        return "warning", (
            f"{text}; DEJA_MODEL is {settings.model}: bring that into use with "
            "`deja model use`, or change the setting"
        )
    if settings.dimensions not in {None, embedder.dim}:
        return "warning", (
            f"{text}; DEJA_DIMENSIONS is {settings.dimensions}: "
            f"`deja model use {quote(choice.name)}` fits them once there are 2,000 vectors"
        )
    return "ok", text


def check_vectors(settings: Settings) -> tuple[State, str]:
    """Count the items that lack vectors of the model in use."""
    with open_index(settings) as found, found.database.read() as session:
        coverage = vector_coverage(session, found.embedder.fingerprint)
    if not coverage.missing:
        return "ok", f"all {coverage.items:,} tickets and products have vectors"
    state: State = "problem" if coverage.missing == coverage.items else "warning"
    return state, f"{missing_text(coverage)}. {REMEDY}"


def check_index(settings: Settings) -> tuple[State, str]:
    """Count the rows of the index."""
    with open_index(settings) as found:
        if isinstance(found.index, HnswIndex):
            return _saved_index(settings, found)
        if not isinstance(found.index, FollowingIndex):
            return "ok", "maintained by PostgreSQL"
        return "ok", _rows_text(*found.index.count())


def _saved_index(settings: Settings, found: IndexedDatabase) -> tuple[State, str]:
    """Check the files of the index without reading its graphs: they may not fit into memory."""
    saved = settings.index_dir, found.embedder.fingerprint, found.embedder.dim
    with found.database.read() as session:
        text = _rows_text(*count_saved_rows(session, *saved))
        is_damaged = has_damaged_snapshot(session, *saved)
    if is_damaged:
        return "warning", f"{text}; its file is damaged: `deja index rebuild` writes a new one"
    return "ok", text


def _rows_text(rows: int, dead: int) -> str:
    return f"{count(rows, 'row')}, {dead} of them dead"


def check_languages(settings: Settings) -> tuple[State, str]:
    """Name the languages of the newest items, and those that the model cannot read."""
    from services.evaluation.ticket_languages import (
        MIN_SEEN,
        has_several,
        languages_seen,
        reading_text,
    )

    with open_index(settings) as found, found.database.read() as session:
        share = getattr(found.embedder, "unknown_share", lambda _text: 0.0)
        seen = languages_seen(session, share)
    state: State = "warning" if any(2 * one.unread >= one.texts for one in seen) else "ok"
    text = reading_text(seen) or (
        f"no language yet: it takes {MIN_SEEN} tickets or products in one"
    )
    name = None if found.choice is None else found.choice.name
    tuned = None if name is None else find_tuned(settings.model_dir, name)
    base = name if tuned is None else tuned.base
    if name is None or base is None or not has_several(seen) or not reads_english_only(base):
        return state, text
    both = f"{split_name(name)[0]}{PLUS}{use_multilingual.NAME}"
    return "warning", (
        f"{text}. {name} reads English: so that a ticket finds the same matter in another "
        f"language, `deja model use {quote(both)}` (docs/models.md)"
    )


def check_tuned(settings: Settings) -> tuple[State, str]:
    """Name the models that learned from tickets which have been erased or deleted since."""
    models = tuned_models(settings.model_dir)
    if not models:
        return "ok", "no model has learned from the team"
    with open_database(settings) as database, database.read() as session:
        live = {
            item_id
            for part in in_parts(frozenset().union(*(one.learned_from for one in models)))
            for item_id in session.scalars(select(Item.id).where(Item.id.in_(part), LIVE))
        }
    gone = [(one, len(one.learned_from - live)) for one in models if one.learned_from - live]
    if not gone:
        names = ", ".join(f"{one.name} ({one.tuned_at:%Y-%m-%d})" for one in models)
        return "ok", f"{names}: all that was learned from is still there"
    said = [
        f"{one.name} learned on {one.tuned_at:%Y-%m-%d} from {count(number, 'ticket')} erased or "
        f"deleted since: `deja model drop {one.name}` deletes it"
        for one, number in gone
    ]
    return "warning", f"{'; '.join(said)}. `deja tune` learns again without them"
