"""Which model a process works with: the one that its database is searched with, if it has one.

`DEJA_MODEL` is what this process was told. It names the model of a new database, and where the
model in use is not found under the name that the database has for it, the folder to look in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import Embedding
from services.errors import SettingsError
from services.memory.embedding_models import identity_of, model_in_use
from services.search.embedders.api_client import ApiAccess
from services.search.embedders.by_name import (
    ModelPlaces,
    has_optimised,
    is_on_this_machine,
    names_of,
    open_embedder,
)
from services.search.embedders.chat_api import ChatModel
from services.search.embedders.model_table import can_be_cut
from services.search.embedders.reduced import reduced_name, split_name

if TYPE_CHECKING:
    from bot.settings import Settings
    from services.search.embedders.embedding import LocalEmbedder


@dataclass(frozen=True)
class ModelChoice:
    """A model to work with: its name, its checksum, and its fingerprint and dimensions, if known.

    `differs` says that `DEJA_MODEL` is set and names another one. `directions` are those of a model
    with fewer dimensions, if they were fitted.
    """

    name: str
    sha256: str | None
    known: tuple[str, int] | None = None
    differs: bool = False
    directions: bytes | None = None


def places_of(settings: Settings) -> ModelPlaces:
    """Return where this machine has its models."""
    key = settings.embedding_key
    api = None
    if settings.embedding_url is not None:
        api = ApiAccess(settings.embedding_url, None if key is None else key.get_secret_value())
    return ModelPlaces(settings.model_dir, api)


def chat_model_of(settings: Settings) -> ChatModel:
    """Return the language model of the settings. Raises `SettingsError` if there is none."""
    if settings.llm_url is None or settings.llm_model is None:
        missing = "DEJA_LLM_URL" if settings.llm_url is None else "DEJA_LLM_MODEL"
        raise SettingsError(
            f"{missing} is not set: a language model needs DEJA_LLM_URL and DEJA_LLM_MODEL, and "
            "with them what it words leaves this machine. See docs/administration.md."
        )
    key = settings.llm_key
    secret = None if key is None else key.get_secret_value()
    return ChatModel(settings.llm_model, ApiAccess(settings.llm_url, secret))


def embedder_of(settings: Settings, choice: ModelChoice) -> LocalEmbedder:
    """Return the embedder of a model; nothing is loaded before it reads a text."""
    return open_embedder(
        choice.name, choice.sha256, choice.known, places_of(settings), choice.directions
    )


def choose_model(session: Session, settings: Settings) -> ModelChoice:
    """Return the model in use in a database, or the one of the settings before it has any."""
    wish = ModelChoice(_wished_name(settings), settings.model_sha256)
    row = model_in_use(session)
    if row is None:
        return _of_stored_vectors(session, settings, wish)
    of_database = identity_of(session, row)
    found = ModelChoice(
        of_database.name,
        of_database.sha256,
        (of_database.fingerprint, of_database.dim),
        differs=_differs(settings, of_database.name),
        directions=of_database.directions,
    )
    if found.differs and not (
        has_optimised(found.name) or is_on_this_machine(found.name, places_of(settings))
    ):
        # The same weights may be in another folder here: loading them compares the checksum.
        dim = split_name(found.name)[1]
        name = settings.model if dim is None else reduced_name(settings.model, dim)
        return replace(found, name=name, differs=False)
    return found


def _wished_name(settings: Settings) -> str:
    """Return the model of a new database.

    Only one that was trained for it has fewer dimensions before there are vectors to fit.
    """
    dim = settings.dimensions
    if dim is None or not can_be_cut(settings.model, dim):
        return settings.model
    return reduced_name(settings.model, dim)


def _differs(settings: Settings, name: str) -> bool:
    """Say whether `DEJA_MODEL` is set to another model, or the same in another folder."""
    if "model" not in settings.model_fields_set:
        return False
    here, there = names_of(name), names_of(settings.model)
    return [Path(one).expanduser() for one in here] != [Path(one).expanduser() for one in there]


def _of_stored_vectors(session: Session, settings: Settings, wish: ModelChoice) -> ModelChoice:
    """Return the model that made most vectors, in a database of a version that did not note it."""
    ends = [
        session.scalar(select(Embedding.fingerprint).order_by(order).limit(1))
        for order in (Embedding.id, Embedding.id.desc())
    ]
    if ends[0] is None:
        return wish
    own = embedder_of(settings, wish).fingerprint
    if ends == [own, own]:
        return wish
    counts: Counter[str] = Counter()
    grouped = select(Embedding.fingerprint, func.count()).group_by(Embedding.fingerprint)
    for fingerprint, number in session.execute(grouped):
        counts[fingerprint] = number
    most, _ = counts.most_common(1)[0]
    name = most.partition("@")[0]
    if counts[own] == counts[most] or not is_on_this_machine(name, places_of(settings)):
        return wish
    dim = session.scalar(select(Embedding.dim).where(Embedding.fingerprint == most).limit(1))
    return ModelChoice(name, None, (most, dim or 0), differs=_differs(settings, name))
