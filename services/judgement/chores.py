"""Chores: tasks that come again and again in the same words ("Bump the version", "Monthly backup").

Two of them are one only if they were written at about the same time: last year's "Update copyright
year" is another task than this year's. A title is a chore where it names a period, or begins with
what is done regularly and names something that is regularly done.
"""

from __future__ import annotations

from datetime import timedelta

from services.text.comparing.terms import terms
from services.text.words.folding import fold
from services.text.words.function_words import DECIDING, NEUTRAL, language_of
from services.text.words.word_lists import read_lists, word_pattern

# Who enters a chore twice does it within days; daily tasks are a day apart.
MAX_GAP, MAX_DAILY_GAP = timedelta(days=3), timedelta(hours=12)

# A longer title tells a story, and so does a question.
MAX_WORDS = 8

_TABLES = read_lists("chores.toml", "services.judgement")
_DAILY, _PERIODIC, _DOING, _DONE, _STORY = (
    word_pattern(_TABLES[name]) for name in ("daily", "periodic", "doing", "done", "story")
)


def are_of_other_times(ours: str, theirs: str, gap: timedelta | None) -> bool:
    """Say whether two titles of the same words are a chore of two times, written `gap` apart.

    A gap that is unknown is a long one.
    """
    gaps = [one for one in (_longest_gap(ours), _longest_gap(theirs)) if one is not None]
    return bool(gaps) and (gap is None or gap > min(gaps))


def _longest_gap(title: str) -> timedelta | None:
    """Return how far apart two of a title may be written and still be one; None: at any time."""
    words = terms(fold(title))
    language = language_of(words)
    empty = NEUTRAL[language] | DECIDING[language]
    content = [word for word in words if word not in empty]
    if "?" in title or not 0 < len(content) <= MAX_WORDS or any(map(_STORY.fullmatch, words)):
        return None
    if any(map(_DAILY.fullmatch, content)):
        return MAX_DAILY_GAP
    is_done = _DOING.fullmatch(content[0]) or _DOING.fullmatch(content[-1])
    is_chore = any(map(_PERIODIC.fullmatch, content)) or (
        is_done and any(map(_DONE.fullmatch, content))
    )
    return MAX_GAP if is_chore else None
