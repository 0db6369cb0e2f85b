"""The replies to commands and mentions: similar tickets, products, help, status, reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.parts import (
    MESSAGE_LENGTH,
    NAME_LENGTH,
    Block,
    actions,
    button,
    context,
    facts_line,
    link,
    notification,
    person,
    section,
    title_lines,
    words,
)
from bot.i18n.texts import Texts
from bot.slack.messages import Message
from services.answers.item_view import ItemView
from services.issues.undecided_pairs import UndecidedPair
from services.phrases import Phrase, phrase
from services.text.cleaning.headline import TITLE_LENGTH
from services.text.words.plain import first_word

REASON_LENGTH = 500

# The commands whose replies are worth sharing, and how long a button's value may be.
SHARED = frozenset({"similar", "search", "product", "duplicates", "topics", "trends"})
SHARED_LENGTH = 1900


@dataclass(frozen=True)
class Reply:
    """The text for notifications and old clients, and the blocks that all other clients show.

    `items` are the ids of the items that they name.
    """

    text: str
    blocks: list[Block]
    items: tuple[int, ...] = ()


SIMILAR_HEADING = phrase("Most similar tickets")
NOTHING_WAITS = phrase("Nothing is waiting: every suspected duplicate has been decided on.")


def similar_reply(shown: Sequence[ItemView], now: datetime, say: Texts) -> Reply:
    """Return the tickets most similar to what somebody asked for."""
    if not shown:
        return reason_reply(say("I don't remember anything like that. A few more words may help."))
    return _listed(say(SIMILAR_HEADING), shown, now, say, has_similarity=True)


def found_reply(shown: Sequence[ItemView], now: datetime, say: Texts) -> Reply:
    """Return the newest tickets that pass somebody's filters."""
    if not shown:
        return reason_reply(say("No ticket that I can show here matches all of these filters."))
    return _listed(say("Newest matching tickets"), shown, now, say, has_similarity=False)


def pairs_reply(suspects: Sequence[UndecidedPair], say: Texts) -> Reply:
    """Return suspected duplicates, the newest first."""
    if not suspects:
        return reason_reply(say(NOTHING_WAITS))
    heading, before = say("Suspected duplicates"), say("possibly a duplicate of")
    lines = [
        f"• {link(one.title, one.url)}\n   _{before}_ {link(one.other_title, one.other_url)}"
        for one in suspects
    ]
    blocks = [section(f":mag_right: *{heading}*"), *(section(line) for line in lines)]
    blocks.append(context(say("You can decide in their threads, below my answers.")))
    named = tuple(id_ for one in suspects for id_ in (one.item_id, one.other_id))
    return Reply(notification(f"{heading}:", words(suspects[0].title, TITLE_LENGTH)), blocks, named)


def with_share_button(reply: Reply, text: str, say: Texts) -> Reply:
    """Return a private reply with a button that shares it, if it is worth sharing.

    `text` is the command that was typed: a click on the button repeats it.
    """
    word = first_word(text)[0].lower()
    if word not in SHARED or len(reply.blocks) == 1 or len(text) > SHARED_LENGTH:
        return reply
    note = context(
        say("Only you can see this. If you share it, it shows what everyone here can read.")
    )
    share = actions("deja-share", button(say("Share here"), "share", text))
    return Reply(reply.text, [*reply.blocks, share, note])


def render_shared(reply: Reply, user: str, text: str, mark: str, say: Texts) -> Message:
    """Return a shared reply as a message, headed by who typed which command."""
    command = f"`/deja {words(text, NAME_LENGTH)}`"
    heading = say("{person} used {command}", person=person(user, say), command=command)
    return Message(reply.text, [section(heading, block_id=mark), *reply.blocks], mark)


def render_in_thread(reply: Reply, mark: str) -> Message:
    """Return a reply in a thread as a message."""
    return Message(reply.text, [{**reply.blocks[0], "block_id": mark}, *reply.blocks[1:]], mark)


def _listed(
    heading: str, shown: Sequence[ItemView], now: datetime, say: Texts, *, has_similarity: bool
) -> Reply:
    """Return items below a heading, as many as fit into a message."""
    blocks = [section(f":mag: *{heading}*")]
    for one in shown:
        age = "" if one.created_at is None else say.ago(now - one.created_at)
        facts = facts_line(one, age, say, has_similarity=has_similarity)
        more = [section(title_lines(one, say)), facts]
        if len(json.dumps(blocks + more, ensure_ascii=False)) > MESSAGE_LENGTH:
            break
        blocks += more
    roots = [one.root.item_id for one in shown if one.root is not None]
    named = (*(one.item_id for one in shown), *roots)
    return Reply(notification(f"{heading}:", words(shown[0].title, TITLE_LENGTH)), blocks, named)


def status_reply(
    lines: Sequence[tuple[Phrase, Phrase]], say: Texts, worth: Sequence[Block] = ()
) -> Reply:
    """Return names and values, one pair a line, and what Déjà was worth."""
    text = "\n".join(f"*{words(say(name))}*  {words(say(value))}" for name, value in lines)
    return Reply(say("Déjà's status"), [section(text), *worth])


def reason_reply(reason: str) -> Reply:
    """Return a reply of one line, for example why there is nothing to show."""
    short = words(reason, REASON_LENGTH)
    return Reply(notification(short), [context(short)])
