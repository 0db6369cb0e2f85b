"""An answer in a thread is clear, and within Slack's limits for any ticket."""

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
    CANDIDATE,
    HOSTILE,
    LONG_URL,
    URL,
    answer,
    assert_acceptable,
    buttons,
    choices,
    hostile,
    markup,
)
from tests.conftest import NOW


def test_an_answer_has_title_link_similarity_status_and_age() -> None:
    """A candidate has all that people need to judge it, in words and without a percentage."""
    message = answer(CANDIDATE)
    text = markup(message.blocks)
    assert f"<{URL}|printer prints blank pages>" in text
    assert "very similar · resolved · 3 weeks ago · #help-it" in text
    assert "*Solution:* Install driver 4.2 and restart the spooler." in text
    assert "%" not in text


def test_only_a_candidate_with_an_answer_offers_it() -> None:
    """Without an answer the third button asks what solved the ticket; a long one can be read."""
    open_one = answer(replace(CANDIDATE, resolution=None)).blocks
    assert [label for label, _, _ in buttons(open_one)] == [
        "Same issue",
        "Not a duplicate",
        "Mark as solved…",
    ]
    assert "Mark as solved…" not in dict(choices(open_one))
    long = answer(replace(CANDIDATE, resolution="word " * 100)).blocks
    assert ("Read more", "more:7:2") in choices(long)
    assert "Read more" not in dict(choices(answer(CANDIDATE).blocks))


def test_a_card_shows_three_buttons_and_keeps_the_rest_in_menus() -> None:
    """One menu is about the candidate and has the pair as its value, the other has the ticket."""
    card = answer(CANDIDATE).blocks
    assert [block["type"] for block in card] == ["section", "context", "actions"]
    assert buttons(card) == [
        ("Same issue", "deja_duplicate", "7:2"),
        ("Not a duplicate", "deja_distinct", "7:2"),
        ("Use this answer", "deja_use", "7:2"),
    ]
    assert choices(card) == [
        ("Related", "related:7:2"),
        ("Why?", "why:7:2"),
        ("Mark as solved…", "solved:7"),
        ("Mute here…", "mute:7"),
        ("Hide this card", "hide:7"),
    ]


def test_a_screen_reader_says_which_ticket_a_button_is_about() -> None:
    """Button and title are read out, cut at a word, whatever is in the title."""
    [*_, row] = answer(replace(CANDIDATE, title="word\u202e " * 40)).blocks
    spoken = row["elements"][0]["accessibility_label"]
    assert spoken.startswith("Same issue: word word")
    assert len(spoken) <= 75


OTHER = replace(CANDIDATE, item_id=3, title="blank pages again", resolution=None, status="open")


def test_other_candidates_wait_behind_a_button() -> None:
    """They are counted; opened in place, each is a line with a link and a menu of its own."""
    closed = answer(CANDIDATE, OTHER, replace(OTHER, item_id=4)).blocks
    assert "_2 more tickets_" in markup(closed)
    assert "blank pages again" not in markup(closed)
    assert buttons(closed)[-1] == ("Show", "deja_open", "7")
    opened = answer(CANDIDATE, OTHER, display="all").blocks
    assert f"<{URL}|blank pages again>\nvery similar · open · 3 weeks ago" in markup(opened)
    assert buttons(opened)[-1] == ("Show fewer", "deja_fold", "7")
    assert [value for _, value in choices(opened) if value.endswith("7:3")] == [
        "duplicate:7:3",
        "related:7:3",
        "distinct:7:3",
        "why:7:3",
    ]


@pytest.mark.parametrize("verdict", ["duplicate", "related", "distinct"])
def test_after_a_decision_the_others_stay_in_reach(verdict: str) -> None:
    """The decision is a line, and the others are behind the same button."""
    decided = replace(CANDIDATE, verdict=verdict, decided_by="U0MEI", resolution=None)
    card = answer(decided, OTHER).blocks
    assert [block["type"] for block in card] == ["section", "section"]
    assert [label for label, _, _ in buttons(card)] == ["Undo", "Show"]


def test_a_hidden_card_is_one_line_that_can_be_shown_again() -> None:
    """Nothing of the candidates is left in the channel but their number."""
    card = answer(CANDIDATE, OTHER, display="hidden")
    assert [block["type"] for block in card.blocks] == ["section"]
    assert "_Hidden: 2 earlier tickets_" in markup(card.blocks)
    assert buttons(card.blocks) == [("Show", "deja_fold", "7")]


def test_an_answer_is_recognised_by_its_first_block() -> None:
    """A retry finds the message by the first block's id or by its metadata."""
    message = answer(CANDIDATE)
    assert message.blocks[0]["block_id"] == message.mark == mark(7)


def test_the_notification_reads_well_on_a_phone() -> None:
    """The text without blocks says what helps: the answer, or the ticket that is like it."""
    assert answer(CANDIDATE).text == "Answered before: Install driver 4.2 and restart the spooler."
    weak = answer(replace(CANDIDATE, band="answered")).text
    assert weak == "Possibly answered before: Install driver 4.2 and restart the spooler."
    assert answer(replace(CANDIDATE, resolution=None)).text == (
        "Possible regression? printer prints blank pages (resolved, 3 weeks ago)"
    )
    just_now = replace(CANDIDATE, resolution=None, status="open", created_at=NOW)
    assert answer(just_now).text == "Seen before? printer prints blank pages (open, just now)"


@pytest.mark.parametrize(
    ("changes", "heading"),
    [
        ({}, "Answered before?"),
        ({"band": "similar"}, "Answered before?"),
        ({"band": "answered"}, "Possibly answered before?"),
        ({"resolution": None}, "Possible regression?"),
        ({"resolution": None, "status": "Closed"}, "Possible regression?"),
        ({"resolution": None, "status": "open"}, "Seen before?"),
        ({"resolution": None, "band": "similar"}, "Related to an earlier ticket?"),
    ],
)
def test_the_heading_depends_on_the_status(changes: dict[str, str | None], heading: str) -> None:
    """A solved ticket was answered before or has come back; an open one was seen before."""
    first, *_ = answer(replace(CANDIDATE, **changes)).blocks  # type: ignore[arg-type]
    assert first["text"]["text"].startswith(f":brain: *{heading}*\n")


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        (["duplicate", None], "Seen before: printer prints blank pages ("),
        (["distinct", None], "Related to an earlier ticket? blank pages again ("),
        (["distinct", "related"], "Related to an earlier ticket: blank pages again ("),
        (["distinct", "distinct"], "Not seen before"),
    ],
)
def test_the_notification_is_a_question_until_people_decide(
    verdicts: list[str | None], text: str
) -> None:
    """It asks while a candidate is undecided, then states what people decided.

    It does not name a ticket that is another issue.
    """
    second = replace(OTHER, band="similar", verdict=verdicts[1])
    message = answer(replace(CANDIDATE, verdict=verdicts[0]), second)
    assert message.text.startswith(text)
    assert ("(" in message.text) is ("(" in text)


@pytest.mark.parametrize(
    ("verdict", "line"),
    [
        ("duplicate", f"*Same issue* · <@U0MEI> · duplicate of <{URL}|printer prints blank pages>"),
        ("related", f"*Related* · <@U0MEI> · <{URL}|printer prints blank pages>"),
        ("distinct", f"*Not a duplicate* · <@U0MEI> · ~<{URL}|printer prints blank pages>~"),
    ],
)
def test_a_decided_card_is_one_line_with_undo(verdict: str, line: str) -> None:
    """The decision, the person and Undo are all that is left; a confirmed answer can be used."""
    blocks = answer(replace(CANDIDATE, verdict=verdict, decided_by="U0MEI")).blocks
    assert line in markup(blocks)
    assert "Solution" not in markup(blocks)
    labels = [label for label, _, _ in buttons(blocks)]
    assert labels == (["Undo", "Use this answer"] if verdict == "duplicate" else ["Undo"])
    open_one = replace(CANDIDATE, verdict=verdict, decided_by="U0MEI", resolution=None)
    assert [block["type"] for block in answer(open_one).blocks] == ["section"]


@pytest.mark.parametrize("who", ["a.person", "import <!channel>", "U1|x", None])
def test_only_slacks_own_user_ids_become_mentions(who: str | None) -> None:
    """A verdict from a file shows the name in it, without a mention."""
    text = markup(answer(replace(CANDIDATE, verdict="related", decided_by=who)).blocks)
    assert "<@" not in text
    assert "<!" not in text


def test_a_muted_answer_names_the_person_and_offers_unmute() -> None:
    """The person's name and Unmute take the place of the mute button."""
    blocks = answer(CANDIDATE, muted_by="U0MEI").blocks
    assert "Mute here…" not in dict(choices(blocks))
    assert "Muted in this channel by <@U0MEI>" in markup(blocks)
    assert buttons(blocks)[-1] == ("Unmute", "deja_unmute", "7")


@pytest.mark.parametrize("display", ["best", "all"])
@pytest.mark.parametrize("verdict", [None, "duplicate", "related", "distinct"])
@pytest.mark.parametrize("title", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_worst_answer_is_within_every_limit(
    language: Language, title: str, verdict: str | None, display: str
) -> None:
    """Slack accepts a message of three candidates whose texts are all hostile."""
    worst = replace(
        CANDIDATE,
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
    message = answer(*worst_three, say=Texts(language), muted_by="U0MEI", display=display)
    assert_acceptable(message.text, message.blocks)


@given(st.lists(st.tuples(hostile, hostile, hostile), min_size=1, max_size=5))
@example([(title, title, title) for title in HOSTILE[:5]])
@example([(title, title, title) for title in HOSTILE[5:10]])
def test_no_ticket_can_mention_link_or_break_a_limit(
    tickets: list[tuple[str, str, str]],
) -> None:
    """Titles, solutions and channel names are shown as plain text, in answers and replies."""
    shown = [
        replace(CANDIDATE, item_id=number, title=title, resolution=resolution, channel=channel)
        for number, (title, resolution, channel) in enumerate(tickets, 2)
    ]
    message = answer(*shown[:3], display="all")
    assert_acceptable(message.text, message.blocks)
    reply = similar_reply(shown, NOW, ENGLISH)
    assert_acceptable(reply.text, reply.blocks)


def test_the_first_report_of_the_issue_is_named() -> None:
    """The first report has title, link and solution, and its status decides the heading."""
    root = FirstReport(1, "blank pages everywhere", URL, "open", "Replace the drum.")
    member = replace(CANDIDATE, resolution=None, status="open", group_size=3, root=root)
    message = answer(member)
    text = markup(message.blocks)
    assert f"*First reported:* <{URL}|blank pages everywhere>" in text
    assert "*Solution:* Replace the drum." in text
    assert "*Answered before?*" in text
    closed = answer(replace(member, root=replace(root, resolution=None, status="Closed")))
    assert "*Possible regression?*" in markup(closed.blocks)


def test_a_decision_links_to_the_first_report() -> None:
    """A decision links to the issue's first report, which may be the ticket itself."""
    decided = replace(CANDIDATE, verdict="duplicate", decided_by="U0MEI")
    assert f"<@U0MEI> · duplicate of <{URL}|printer prints blank pages>" in markup(
        answer(decided).blocks
    )
    root = FirstReport(1, "blank pages everywhere", URL, "open", None)
    text = markup(answer(replace(decided, root=root, group_size=3)).blocks)
    assert f"<@U0MEI> · duplicate of <{URL}|blank pages everywhere>" in text
    assert "First reported" not in text


def test_the_hash_changes_with_the_message() -> None:
    """The same message has the same hash, and a verdict changes it."""
    assert message_hash(answer(CANDIDATE)) == message_hash(
        answer(replace(CANDIDATE, similarity=0.91))
    )
    assert message_hash(answer(CANDIDATE)) != message_hash(
        answer(replace(CANDIDATE, verdict="related"))
    )
