"""The parts that every message is made of. A ticket's text cannot mention, link or style."""

from __future__ import annotations

import re
from typing import Any

from bot.i18n.texts import Texts
from services.answers.item_view import ItemView
from services.judgement.explanation_text import shown_likelihood
from services.judgement.near_exact import MIN_SIMILARITY
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.phrases import in_context, phrase
from services.text.cleaning.headline import TITLE_LENGTH
from services.text.words.plain import plain_text, shorten

Block = dict[str, Any]

# The statuses that Déjà gives.
STATUSES = {
    "open": in_context("ticket status", "open"),
    "resolved": in_context("ticket status", "resolved"),
}

# The buttons below a match. Other texts name them, too.
SAME_ISSUE = phrase("Same issue")
RELATED = phrase("Related")
NOT_A_DUPLICATE = phrase("Not a duplicate")
WHY = phrase("Why?")

VERY_SIMILAR = phrase("very similar")
SIMILAR = phrase("similar")
SOMEWHAT_SIMILAR = phrase("somewhat similar")
BAND_WORDS = {
    "duplicate": VERY_SIMILAR,
    "similar": SIMILAR,
    "answered": phrase("possibly answered"),
}

# In characters, before escaping, which turns one into at most five. Together they keep every
# section far below Slack's 3,000 and a message of three matches below 12,000. In a thread of 380
# pixels, as on a phone, a title takes two lines and an answer three.
SHOWN_TITLE_LENGTH = 70
RESOLUTION_LENGTH = 100
NAME_LENGTH = 80
STATUS_LENGTH = 32
URL_LENGTH = 300
SPOKEN_LENGTH = 75
ROOT_LENGTH = 40

# In characters of all blocks together: Slack refuses messages that are a little longer.
MESSAGE_LENGTH = 12_000

DIVIDER: Block = {"type": "divider"}

# For a ticket without text, which had files or links.
NO_TEXT = "(…)"

# Slack has no escape for its formatting characters, so similar-looking ones replace them. Inside a
# word an underscore does not format, so `error_code` stays as it is.
_MARKS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "~": "∼", "`": "ˋ", "|": "¦"}
)
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_URL = re.compile(r"https?://[^\s<>|]+")
_USER = re.compile(r"[UW][A-Z0-9]+")


def words(text: str, length: int = NAME_LENGTH) -> str:
    """Return `text` as one line of at most `length` characters, escaped for Slack."""
    line = shorten(plain_text(text), length)
    return _EDGE_UNDERSCORE.sub("ˍ", line.translate(_MARKS))


def notification(*parts: str) -> str:
    """Return the text of a push notification. A zero-width space keeps `@here` from notifying."""
    return " ".join(parts).replace("@", "@\u200b")


def link(title: str, url: str | None, length: int = TITLE_LENGTH) -> str:
    """Return a title of at most `length` characters, as a link if there is an address."""
    label = words(title, length) or NO_TEXT
    if url and len(url) <= URL_LENGTH and _URL.fullmatch(url):
        return f"<{url}|{label}>"
    return label


def person(who: str | None, say: Texts) -> str:
    """Return a mention of a Slack user, or a name from outside Slack as it is."""
    if who is None:
        return say("someone")
    return f"<@{who}>" if _USER.fullmatch(who) else words(who)


def status(name: str, say: Texts) -> str:
    """Return a ticket's status: ours in the reader's language, another tracker's as it is."""
    return words(say(STATUSES[name]) if name in STATUSES else name, STATUS_LENGTH)


def title_lines(shown: ItemView, say: Texts) -> str:
    """Return an item's linked title and, under it, its issue's first report and answer."""
    lines = [link(shown.title, shown.url, SHOWN_TITLE_LENGTH)]
    if shown.root and shown.verdict != "duplicate":  # a decision names it
        lines.append(say("*First reported:* {ticket}", ticket=first_report(shown)))
    if shown.answer and (solved := words(shown.answer, RESOLUTION_LENGTH)):
        lines.append(say("*Solution:* {answer}", answer=solved))
        if shown.record.failed:
            lines.append(f"_{failed_for(shown.record.failed, say)}_")
    if shown.answers > 1:
        lines.append(f"_{say('{n} different answers', n=shown.answers)}_")
    return "\n".join(lines)


def failed_for(number: int, say: Texts) -> str:
    """Return the line that says for how many other tickets an answer did not work."""
    return say.counted(
        number, "did not work for {n} other ticket", "did not work for {n} other tickets"
    )


def first_report(shown: ItemView) -> str:
    """Return the linked title of the first report of an item's issue, perhaps of itself."""
    first = shown.root or shown
    return link(first.title, first.url, ROOT_LENGTH)


def facts_line(shown: ItemView, age: str, say: Texts, *, has_similarity: bool = True) -> Block:
    """Return the facts about an item as one grey line."""
    return context(facts(shown, age, say, has_similarity=has_similarity))


def facts(shown: ItemView, age: str, say: Texts, *, has_similarity: bool = True) -> str:
    """Return one line about an item: similarity, issue, status, age and channel.

    A filter finds items without a query, so they have no similarity.
    """
    known = []
    if has_similarity:
        likely = shown_likelihood(shown.probability, shown.band)
        known.append(
            say(BAND_WORDS.get(shown.band, SOMEWHAT_SIMILAR))
            if likely is None
            else say("{likely} likely the same", likely=likely)
        )
    if shown.group_size > 1:
        known.append(say("one of {n} reports of the same issue", n=shown.group_size))
    known += [status(shown.state, say), age]
    if shown.channel:
        known.append(f"#{words(shown.channel)}")
    return " · ".join(filter(None, known))


def how_similar(similarity: float, say: Texts) -> str:
    """Return a cosine similarity in words, because the number means nothing to people."""
    if similarity >= MIN_SIMILARITY:
        return say(VERY_SIMILAR)
    return say(SIMILAR if similarity >= SIMILAR_SIMILARITY else SOMEWHAT_SIMILAR)


def mrkdwn(text: str) -> Block:
    """Return a text in Slack's markup; `verbatim` keeps Slack from turning words into links."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, **more: Any) -> Block:
    """Return a paragraph."""
    return {"type": "section", "text": mrkdwn(text), **more}


def context(text: str) -> Block:
    """Return a line of small grey text."""
    return {"type": "context", "elements": [mrkdwn(text)]}


def actions(block_id: str, *buttons: Block) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(buttons)}


def button(label: str, action: str, value: str, *, about: str = "") -> Block:
    """Return a button; `action` comes back in the click as `deja_<action>`.

    Screen readers say what it is `about`, such as the title of a ticket.
    """
    made: Block = {
        "type": "button",
        "text": plain(label),
        "action_id": f"deja_{action}",
        "value": value,
    }
    if named := plain_text(about):
        made["accessibility_label"] = shorten(f"{label}: {named}", SPOKEN_LENGTH)
    return made


def menu(*choices: tuple[str, str]) -> Block:
    """Return a menu of labels and values; a click on one comes back as `deja_menu`."""
    options = [{"text": plain(label), "value": value} for label, value in choices]
    return {"type": "overflow", "action_id": "deja_menu", "options": options}


def plain(text: str) -> Block:
    """Return a text without markup."""
    return {"type": "plain_text", "text": text}
