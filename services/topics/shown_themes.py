"""The themes of a run as they may be shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from models import Topic, TopicRun


def theme_of(topic: Topic, run: TopicRun) -> int:
    """Return a topic's theme in a run; a part that was split off since has its parent's theme."""
    known = run.topics.get(topic.id) or run.topics.get(topic.parent_id or 0)
    # No theme has a negative number: this is one of the topic's own.
    return -topic.id if known is None or known.theme is None else known.theme


def shown_theme_titles(
    run: TopicRun, topics: Sequence[Topic], unreadable: Collection[str]
) -> dict[int, str]:
    """Return the titles of a run's themes that may be shown.

    Not the `unreadable` ones, nor those that may be named after a topic that was hidden since.
    """
    hidden = [one for one in topics if one.hidden_at and one.hidden_at >= run.made_at]
    barred = {theme_of(one, run) for one in hidden}
    return {
        number: title
        for number, title in run.theme_titles.items()
        if title not in unreadable and number not in barred
    }
