"""What people see: within Slack's limits, whatever a ticket says, and clear at a glance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.blocks.replies import similar_reply
from bot.blocks.thread_answer import mark, message_hash
from bot.i18n.texts import ENGLISH, Texts
from services.answers.item_view import FirstReport
from services.channels.settings import LANGUAGES, Language
from services.issues.outcomes import AnswerRecord
from tests.bot.blocks.messages import (
    HOSTILE,
    LONG_URL,
    SHOWN,
    URL,
    answer,
    assert_acceptable,
    buttons,
    everything,
    hostile,
)
from tests.conftest import NOW


def test_an_answer_names_title_state_age_link_and_how_alike() -> None:
    """A candidate says all that people need to judge it, in words and without a percentage."""
    message = answer(SHOWN)
    text = everything(message.blocks)
    assert f"<{URL}|printer prints blank pages>" in text
    assert "very similar · resolved · 3 weeks earlier · #help-it" in text
    assert "*Solution:* Install driver 4.2 and restart the spooler." in text
    assert "%" not in text


DECIDED = ("duplicate", "related", "distinct", "why")


def test_an_unanswered_candidate_lends_no_answer() -> None:
    """Without an answer there is none to use, and a long one can be read whole."""
    short = buttons(answer(replace(SHOWN, resolution=None)).blocks)
    assert "deja_use" not in {action for _, action, _ in short}
    long = buttons(answer(replace(SHOWN, resolution="word " * 100)).blocks)
    assert ("Read more", "deja_more", "7:2") in long


def test_an_answer_offers_three_decisions_and_silence() -> None:
    """The buttons carry the pair, and the last ones the ticket."""
    assert buttons(answer(SHOWN).blocks) == [
        ("Same issue", "deja_duplicate", "7:2"),
        ("Related", "deja_related", "7:2"),
        ("Not a duplicate", "deja_distinct", "7:2"),
        ("Use this answer", "deja_use", "7:2"),
        ("Why?", "deja_why", "7:2"),
        ("Mark as solved…", "deja_solved", "7"),
        ("Mute here", "deja_mute", "7"),
    ]


def test_the_first_block_marks_the_answer_as_ours() -> None:
    """A retry finds the message again by the first block's id, and by the metadata's mark."""
    message = answer(SHOWN)
    assert message.blocks[0]["block_id"] == message.mark == mark(7)


def test_the_notification_reads_well_on_a_phone() -> None:
    """The text without blocks is one short line with the question, the title and the state."""
    assert answer(SHOWN).text == (
        "Answered before? printer prints blank pages (resolved, 3 weeks earlier)"
    )


@pytest.mark.parametrize(
    ("changes", "heading"),
    [
        ({}, "Answered before?"),
        ({"band": "similar"}, "Answered before?"),
        ({"resolution": None}, "Possible regression?"),
        ({"resolution": None, "status": "Closed"}, "Possible regression?"),
        ({"resolution": None, "status": "open"}, "Seen before?"),
        ({"resolution": None, "band": "similar"}, "Related to an earlier ticket?"),
    ],
)
def test_a_solved_ticket_has_no_duplicates(changes: dict[str, str | None], heading: str) -> None:
    """What was solved was answered before, or has come back; only an open one is seen twice."""
    assert answer(replace(SHOWN, **changes)).blocks[0]["text"]["text"] == f":brain: *{heading}*"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "heading"),
    [
        ([None, None], "Answered before?"),
        (["duplicate", None], "Seen before"),
        (["distinct", None], "Related to an earlier ticket?"),
        (["distinct", "related"], "Related to an earlier ticket"),
        (["distinct", "distinct"], "Not seen before"),
    ],
)
def test_the_heading_asks_until_people_decide(verdicts: list[str | None], heading: str) -> None:
    """A question while it is open; then what people said."""
    second = replace(
        SHOWN, item_id=3, band="similar", verdict=verdicts[1], resolution=None, status="open"
    )
    message = answer(replace(SHOWN, verdict=verdicts[0]), second)
    assert message.blocks[0]["text"]["text"] == f":brain: *{heading}*"


@pytest.mark.parametrize(
    ("verdict", "shown_as"),
    [("duplicate", "*Same issue*"), ("related", "*Related*"), ("distinct", "*Not a duplicate*")],
)
def test_a_verdict_shows_who_decided_and_can_be_undone(verdict: str, shown_as: str) -> None:
    """In place of the three buttons there are the decision, the person and Undo."""
    blocks = answer(replace(SHOWN, verdict=verdict, decided_by="U0MEI")).blocks
    assert f"{shown_as} · <@U0MEI>" in everything(blocks)
    assert ("Undo", "deja_undo", "7:2") in buttons(blocks)
    assert not {action for _, action, _ in buttons(blocks)} & {f"deja_{d}" for d in DECIDED}


def test_a_ruled_out_candidate_is_one_quiet_line() -> None:
    """Its title is struck through, and what solved it is not shown any more."""
    text = everything(answer(replace(SHOWN, verdict="distinct", decided_by="U1")).blocks)
    assert f"~<{URL}|printer prints blank pages>~" in text
    assert "Solution" not in text


@pytest.mark.parametrize("who", ["a.person", "import <!channel>", "U1|x", None])
def test_whoever_decided_elsewhere_is_not_mentioned(who: str | None) -> None:
    """A verdict from a file shows a name; only Slack's own ids become mentions."""
    text = everything(answer(replace(SHOWN, verdict="related", decided_by=who)).blocks)
    assert "<@" not in text
    assert "<!" not in text


def test_a_muted_answer_says_who_muted_and_offers_the_way_back() -> None:
    """The mute button gives way to the person's name and Unmute."""
    blocks = answer(SHOWN, muted_by="U0MEI").blocks
    assert "Muted in this channel by <@U0MEI>" in everything(blocks)
    assert buttons(blocks)[-1] == ("Unmute", "deja_unmute", "7")


@pytest.mark.parametrize("verdict", [None, "duplicate", "related", "distinct"])
@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worst_answer_is_within_every_limit(
    language: Language, title: str, verdict: str | None
) -> None:
    """Three candidates that are hostile all over make a message that Slack takes and shows."""
    worst = replace(
        SHOWN,
        title=title,
        status=title[:32],
        url=LONG_URL,
        channel=title[:80],
        resolution=title,
        verdict=verdict,
        decided_by=title[:64],
        probability=0.999,
        group_size=1_000_000,
        root=FirstReport(1, title, LONG_URL, title[:32], title),
        record=AnswerRecord(worked=0, failed=1_000_000),
        answers=1_000_000,
    )
    worst_three = [replace(worst, item_id=number) for number in (2, 3, 4)]
    message = answer(*worst_three, say=Texts(language), muted_by="U0MEI")
    assert_acceptable(message.text, message.blocks)


@given(st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=5))
@example([(title, title, title) for title in HOSTILE[:5]])
@example([(title, title, title) for title in HOSTILE[5:10]])
def test_nothing_a_ticket_says_can_mention_link_or_break_a_limit(
    said: list[tuple[str, str, str]],
) -> None:
    """Titles, resolutions and channel names are shown as they are, in answers and in replies."""
    shown = [
        replace(SHOWN, item_id=number, title=title, resolution=resolution, channel=channel)
        for number, (title, resolution, channel) in enumerate(said, 2)
    ]
    message = answer(*shown[:3])
    assert_acceptable(message.text, message.blocks)
    reply = similar_reply(shown, NOW, ENGLISH)
    assert_acceptable(reply.text, reply.blocks)


def test_a_probability_is_shown_where_there_is_one() -> None:
    """In whole percents, never certain; and how many reports of the issue there are."""
    text = everything(answer(replace(SHOWN, probability=0.9999, group_size=4)).blocks)
    assert "99% likely the same · one of 4 reports of the same issue · resolved · 3 weeks" in text
    assert "similar" not in text


def test_the_first_report_of_the_issue_is_named() -> None:
    """Its title, link and answer; and what was solved there counts as solved."""
    root = FirstReport(1, "blank pages everywhere", URL, "open", "Replace the drum.")
    member = replace(SHOWN, resolution=None, status="open", group_size=3, root=root)
    message = answer(member)
    text = everything(message.blocks)
    assert f"*First reported:* <{URL}|blank pages everywhere>" in text
    assert "*Solution:* Replace the drum." in text
    assert "*Answered before?*" in text
    closed = answer(replace(member, root=replace(root, resolution=None, status="Closed")))
    assert "*Possible regression?*" in everything(closed.blocks)


def test_a_decision_links_to_the_first_report() -> None:
    """To the issue's, or to the ticket itself where that is the first."""
    decided = replace(SHOWN, verdict="duplicate", decided_by="U0MEI")
    assert f"<@U0MEI> · duplicate of <{URL}|printer prints blank pages>" in everything(
        answer(decided).blocks
    )
    root = FirstReport(1, "blank pages everywhere", URL, "open", None)
    text = everything(answer(replace(decided, root=root, group_size=3)).blocks)
    assert f"<@U0MEI> · duplicate of <{URL}|blank pages everywhere>" in text
    assert "First reported" not in text


def test_the_hash_tells_whether_anything_changed() -> None:
    """The same message has the same hash; a verdict changes it."""
    assert message_hash(answer(SHOWN)) == message_hash(answer(replace(SHOWN, similarity=0.91)))
    assert message_hash(answer(SHOWN)) != message_hash(answer(replace(SHOWN, verdict="related")))
