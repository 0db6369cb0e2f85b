"""What people see: within Slack's limits, whatever a ticket says, and clear at a glance."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.blocks.parts import MESSAGE_LENGTH, URL_LENGTH, link, words
from bot.blocks.replies import help_reply, reason_reply, similar_reply, status_reply
from bot.blocks.resolution import full_answer_reply
from bot.blocks.thread_answer import mark, message_hash, render_answer
from bot.blocks.why import why_reply
from bot.i18n.texts import ENGLISH, Texts
from bot.slack.messages import Message
from models import Item
from services.answers.item_view import FirstReport, ItemView
from services.answers.thread_answers import AnswerView
from services.channels.settings import LANGUAGES, Language
from services.issues.outcomes import AnswerRecord
from services.issues.resolutions import Solution
from services.judgement.explanation import (
    Explanation,
    PairJudgement,
    PastDecision,
    TextComparison,
    WhatIf,
)
from services.judgement.features import PairFeatures
from services.phrases import format_value, phrase
from services.text import identifiers
from services.text.identifiers import Contradiction
from tests.conftest import NOW
from tests.slack_limits import MAX_UPDATE_TEXT, message_error

URL = "https://test.slack.com/archives/C1/p1700000000000100"
LONG_URL = "https://files.example/" + "x" * (URL_LENGTH - 22)
SHOWN = ItemView(
    item_id=2,
    title="printer prints blank pages",
    status="resolved",
    created_at=NOW - timedelta(days=21),
    url=URL,
    channel="help-it",
    similarity=0.9,
    band="duplicate",
    resolution="Install driver 4.2 and restart the spooler.",
)
VIEW = AnswerView(
    answer_id=1,
    item_id=7,
    channel="C1",
    thread_ts="1.1",
    message_ts=None,
    shown_hash=None,
    shown=[SHOWN],
    muted_by=None,
    language="en",
)

TOLD = Explanation(
    ours=7,
    theirs=2,
    kind="ticket",
    judgement=PairJudgement(0.8, None, None, 0.9, "similar", False, {}, []),
    features=PairFeatures(*[0.5] * 12),
    text=TextComparison([], ["printer"], ["blank"], ["toner"], [], have_titles=False),
    age_gap=timedelta(days=3),
    same_reporter=True,
    crowded=True,
    decision=None,
    group_size=0,
)

HOSTILE = (
    "<!channel> <!here> <@U123> <#C123> <!subteam^S1> <https://evil.example|click>",
    "|> <https://evil.example|x>",
    "a" * 40_000,
    "&" * 40_000,
    "<" * 40_000,
    "*bold* _italic_ ~gone~ `code` ```block```",
    "\u202eevil \u2066שלום עולם\u2069 مرحبا",
    "🧯" * 3_000,
    "\x00 nul \x00",
    "\ud800 lone",
    "first\n>second\n\n• third",
    "@channel @here @everyone",
    "",
)
# The only markup that a message may carry: links to tickets, and the one who pressed the button.
OURS = re.compile(r"<https://(?:test\.slack\.com|files\.example)/[^|<>]+\|[^|<>]+>|<@U0MEI>")

hostile = st.text(max_size=200) | st.text("<>&|!@#*_~`\n \x00U", max_size=200)


def answer(*shown: ItemView, say: Texts = ENGLISH, **more: Any) -> Message:
    """Return the answer with these candidates."""
    return render_answer(replace(VIEW, shown=list(shown), **more), NOW, say)


def everything(blocks: list[dict[str, Any]]) -> str:
    """Return all that stands in blocks as markup, a line a text."""
    texts = []
    for block in blocks:
        texts += [text["text"] for text in [block.get("text"), *block.get("elements", [])] if text]
    return "\n".join(text for text in texts if isinstance(text, str))


def buttons(blocks: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return label, action and value of every button in order."""
    elements = [
        element
        for block in blocks
        for element in [*block.get("elements", []), block.get("accessory") or {}]
    ]
    return [
        (one["text"]["text"], one["action_id"], one["value"])
        for one in elements
        if one.get("type") == "button"
    ]


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


@given(hostile)
@example("x" * 40_000)
def test_a_reason_is_shown_as_it_is(reason: str) -> None:
    """An error's messtoo, may carry what somebody typed."""
    reply = reason_reply(f"No such thing: {reason}")
    assert_acceptable(reply.text, reply.blocks)


def assert_acceptable(text: str, blocks: list[dict[str, Any]]) -> None:
    """Hold that Slack takes a message, and that its only markup is our own."""
    assert message_error({"text": text, "blocks": blocks}, max_text=MAX_UPDATE_TEXT) is None
    assert len(json.dumps(blocks, ensure_ascii=False)) < MESSAGE_LENGTH
    assert not re.search(r"[<>\x00]", text)
    assert not re.search(r"@\w", text)
    for found in re.findall(r"<[^>]*>?|>", everything(blocks)):
        assert OURS.fullmatch(found)
    for words_object in json_objects(blocks):
        if words_object.get("type") == "mrkdwn":
            assert words_object["verbatim"] is True


def json_objects(node: Any) -> list[dict[str, Any]]:
    """Return every object in a JSON value."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    found = [one for child in children for one in json_objects(child)]
    return [node, *found] if isinstance(node, dict) else found


@given(hostile)
def test_words_are_one_line_without_marks(text: str) -> None:
    """No character is left that Slack would read as a style, a link, a mention or a quote."""
    shown = words(text)
    assert "\n" not in shown
    assert not re.search(r"[<>*~`|\x00]", shown)
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", shown)
    assert "&" not in re.sub(r"&(amp|lt|gt);", "", shown)


def test_error_codes_stay_readable() -> None:
    """An underscore inside a word is no mark and stays."""
    assert words("ERR_CERT_EXPIRED & co") == "ERR_CERT_EXPIRED &amp; co"


@pytest.mark.parametrize(
    "url",
    [None, "javascript:alert(1)", "https://a.example/|x", "https://a.example/>x", "https://a b",
     "https://a.example/" + "x" * 500],
)  # fmt: skip
def test_a_bad_address_makes_no_link(url: str | None) -> None:
    """What is no plain web address is left out; the title stays."""
    assert link("title", url) == "title"


def test_a_ticket_without_words_has_a_title_all_the_same() -> None:
    """A ticket of nothing visible is called what it is."""
    assert link("\u200b\x00", URL) == f"<{URL}|(…)>"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(seconds=-5), "1 minute"),
        (timedelta(minutes=59), "59 minutes"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=7), "1 week"),
        (timedelta(days=29), "4 weeks"),
        (timedelta(days=30), "1 month"),
        (timedelta(days=364), "12 months"),
        (timedelta(days=800), "2 years"),
    ],
)
def test_age_is_told_in_people_s_words(gap: timedelta, expected: str) -> None:
    """One number and one unit, the largest that fits."""
    assert format_value(gap) == expected


def test_similar_tickets_are_listed_with_their_age() -> None:
    """The reply has a heading and, for each ticket, its title and what is known of it."""
    reply = similar_reply([SHOWN, replace(SHOWN, band="", resolution=None)], NOW, ENGLISH)
    text = everything(reply.blocks)
    assert "very similar · resolved · 3 weeks ago · #help-it" in text
    assert "somewhat similar · resolved · 3 weeks ago" in text
    assert reply.text == "Most similar tickets: printer prints blank pages"


def test_nothing_similar_is_said_in_one_line() -> None:
    """No empty list: one sentence that says what may help."""
    assert "A few more words may help" in similar_reply([], NOW, ENGLISH).text


def test_help_and_status_are_acceptable_messages() -> None:
    """Both are within Slack's limits, and help names every command."""
    lines = [(phrase("Remembered"), phrase("3 tickets")), (phrase("Here"), phrase("muted"))]
    helped, status = help_reply(ENGLISH), status_reply(lines, ENGLISH)
    for reply in (helped, status):
        assert message_error({"text": reply.text, "blocks": reply.blocks}) is None
    text = everything(helped.blocks)
    for command in ("/deja similar", "/deja why", "/deja status", "/deja help"):
        assert command in text
    assert everything(status.blocks) == "*Remembered*  3 tickets\n*Here*  muted"


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


@pytest.mark.parametrize("language", LANGUAGES)
@given(said=st.lists(hostile, min_size=5, max_size=5))
@example(said=["&" * 4_000] * 5)
@example(said=["long " * 2_000] * 5)
@example(said=["<!channel> *x* <https://evil.example|y>"] * 5)
def test_reasons_are_within_every_limit(language: Language, said: list[str]) -> None:
    """Whatever the words of a pair, and whoever decided on it."""
    text = TextComparison([said[0]] * 9, [said[1]] * 8, [said[2]] * 5, [said[3]] * 5, [
        Contradiction(kind, (said[0],) * 12, (said[1],) * 12)
        for kind in get_args(identifiers.IdentifierKind)
    ], have_titles=True)  # fmt: skip
    told = replace(
        TOLD, text=text, decision=PastDecision("distinct", f"x{said[4]}", NOW), group_size=3
    )
    reply = why_reply(told, (said[0], URL), (said[1], LONG_URL), Texts(language))
    assert_acceptable(reply.text, reply.blocks)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({}, "similar · 3 days apart · no percentage until there is enough feedback"),
        ({"probability": 0.81, "what_ifs": [WhatIf("the same title", 0.95, crosses=True)]},
         "a duplicate takes 90%. It would have been a duplicate with the same title."),
        ({"probability": 0.81, "highest": 0.85}, "81% likely the same · threshold here: 90%"),
        ({"probability": 0.81, "highest": 0.85}, "the model is never more than 85% sure"),
        ({"probability": 0.1, "band": None},
         "Not called similar: 10% likely the same; similar takes 30%, a duplicate 90%"),
        ({"probability": 0.95, "band": "duplicate"}, "Called a duplicate: 95% likely the same"),
        ({"probability": 0.95}, "above the threshold of 90%, but what contradicts"),
    ],
)  # fmt: skip
def test_reasons_say_what_came_of_it(changes: dict[str, Any], part: str) -> None:
    """Probability, cut and what would have crossed it."""
    told = replace(TOLD, judgement=replace(TOLD.judgement, **changes))
    assert part in everything(why_reply(told, ("a", URL), ("b", None), ENGLISH).blocks)


@pytest.mark.parametrize("text", ["&" * 9000, "& " * 5000, "word " * 3000, "x"])
@pytest.mark.parametrize("number", [1, 2, 3, 9])
def test_whole_answers_are_within_every_limit(text: str, number: int) -> None:
    """However many and however long; what is not shown of it is said to go on."""
    item = Item(title="&" * 200, text="x", url=LONG_URL)
    reply = full_answer_reply([(item, Solution(text, "U1"))] * number, ENGLISH)
    assert message_error({"text": reply.text, "blocks": reply.blocks}) is None
    assert len(json.dumps(reply.blocks, ensure_ascii=False)) < MESSAGE_LENGTH * 1.1
    assert ("> …" in json.dumps(reply.blocks, ensure_ascii=False)) == (len(text) > 1)


def test_the_hash_tells_whether_anything_changed() -> None:
    """The same message has the same hash; a verdict changes it."""
    assert message_hash(answer(SHOWN)) == message_hash(answer(replace(SHOWN, similarity=0.91)))
    assert message_hash(answer(SHOWN)) != message_hash(answer(replace(SHOWN, verdict="related")))
