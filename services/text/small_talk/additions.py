"""What a text without a matter adds to its author's ticket: "since this morning", "geht nicht".

People split a report into several messages. Some of these say nothing of a matter by themselves,
but belong to what stands beside them, unlike thanks, greetings and questions for news.
"""

from __future__ import annotations

from services.text.small_talk.follow_ups import FollowUpKind, kind_of_talk
from services.text.small_talk.matter import probability, readings, states_matter
from services.text.small_talk.openings import kind_of_opening
from services.text.small_talk.references import reference_kind
from services.text.small_talk.talk import has_matter, uses_of
from services.text.small_talk.talk_words import Use

# From it on a message that refers back says by itself what is the matter: "it stays on all night".
SURE = 0.9

_ADDING = (FollowUpKind.DETAIL, FollowUpKind.BROKEN)


def stands_for_itself(text: str) -> bool:
    """Say whether a text states a matter; what refers back to a ticket does so with few words."""
    return _says_enough(text) if reference_kind(text) else states_matter(text)


def kind_without_matter(text: str) -> FollowUpKind | None:
    """Return which follow-up a text without a matter of its own is, or None if it is none."""
    return kind_of_opening(text) or kind_of_talk(text) or reference_kind(text)


def added_by(text: str) -> FollowUpKind | None:
    """Return what a text without a matter adds to a ticket; None if nothing, or if it has one."""
    if _says_enough(text) or kind_of_opening(text) is not None:
        return None
    kind = kind_of_talk(text)
    if kind is None:
        # "In a private window it works" is a detail; "works again" is news.
        return FollowUpKind.DETAIL if reference_kind(text) else None
    if kind is FollowUpKind.DETAIL and uses_of(text) & Use.THANKS:
        return None  # "thanks everyone, since you asked"
    return kind if kind in _ADDING else None


def _says_enough(text: str) -> bool:
    """Say whether a text that may refer back is a ticket where there is nothing to refer to."""
    if has_matter(text):
        return True
    is_detail = reference_kind(text) is FollowUpKind.DETAIL
    return is_detail and states_matter(text) and probability(readings(text)[0]) >= SURE
