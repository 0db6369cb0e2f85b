"""Which languages a team writes, and how well the model reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Item
from models.queries import COMPARED, LIVE
from services.memory.comparable_text import comparable_text
from services.search.embedders.letter_vectors import MAX_UNKNOWN
from services.text.comparing.written_language import language_name

# The newest tell what is written now; reading them takes a few hundredths of a second.
SAMPLE = 300

# Rarer ones are chance: a name, or a quotation.
MIN_SEEN = 3

# What a language has of all texts if people write in it.
MIN_SHARE = 0.05


@dataclass(frozen=True)
class LanguageSeen:
    """A language, or a script that many languages use, in so many texts.

    `unread` of them have more letters that the model does not know than it can do without.
    """

    name: str
    texts: int
    unread: int


def languages_seen(session: Session, unknown_share: Callable[[str], float]) -> list[LanguageSeen]:
    """Return the languages of the newest tickets and products, the commonest first."""
    newest = select(Item).where(LIVE, COMPARED).order_by(Item.id.desc()).limit(SAMPLE)
    return count_languages(map(comparable_text, session.scalars(newest)), unknown_share)


def has_several(seen: Sequence[LanguageSeen]) -> bool:
    """Say whether a second language, or script, has more texts than quotations could explain."""
    texts = sum(one.texts for one in seen)
    return sum(one.texts >= MIN_SHARE * texts for one in seen) > 1


def count_languages(
    texts: Iterable[str], unknown_share: Callable[[str], float]
) -> list[LanguageSeen]:
    """Return the languages of texts that several are written in, the commonest first."""
    unread: dict[str, list[bool]] = defaultdict(list)
    for text in texts:
        unread[language_name(text)].append(unknown_share(text) > MAX_UNKNOWN)
    found = [LanguageSeen(name, len(own), sum(own)) for name, own in unread.items()]
    return sorted(
        (one for one in found if one.texts >= MIN_SEEN), key=lambda one: (-one.texts, one.name)
    )


def reading_text(seen: Iterable[LanguageSeen]) -> str:
    """Say which languages were seen, and which of them the model cannot read."""
    parts = [
        f"{one.name} {one.texts}"
        + (f" ({one.unread} not readable: compared by letters only)" if one.unread else "")
        for one in seen
    ]
    return ", ".join(parts)
