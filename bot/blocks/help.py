"""Help: five lines with examples, and all commands behind *More*."""

from __future__ import annotations

from bot.blocks.form_fields import modal
from bot.blocks.parts import (
    NOT_A_DUPLICATE,
    RELATED,
    SAME_ISSUE,
    SIMILAR,
    SOMEWHAT_SIMILAR,
    VERY_SIMILAR,
    WHY,
    Block,
    actions,
    button,
    plain,
    section,
    words,
)
from bot.blocks.replies import Reply
from bot.i18n.texts import Texts
from services.phrases import Phrase, in_context, phrase

# What comes back in a click on *More*, as `deja_help_more`.
MORE = "help_more"
REASON_LENGTH = 500

# What people type, and what it does.
_SIMILAR = phrase("similar printer prints blank pages"), phrase("finds the most similar tickets")
_RESOLVE = (
    phrase("resolve LINK restart the spooler"),
    phrase("saves what solved a ticket in this channel"),
)
_SETTINGS = "settings", phrase("changes how I work in this channel")
_EXAMPLES = (
    _SIMILAR,
    (phrase("search printer in:#helpdesk is:open"), phrase("narrows the search down")),
    ("topics", phrase("shows what people ask about")),
    _RESOLVE,
    _SETTINGS,
)
COMMANDS = (
    _SIMILAR,
    (
        phrase("similar LINK but not LINK"),
        phrase("finds tickets like the first but not like the second; quoted text works too"),
    ),
    (
        phrase("search printer in:#helpdesk from:@ana after:2026-11-01 is:open"),
        phrase("narrows the search down"),
    ),
    (phrase("product lamp for the garden"), phrase("searches the product catalog")),
    _RESOLVE,
    ("duplicates", phrase("lists suspected duplicates that nobody has decided on")),
    ("cluster 30d", phrase("groups the tickets into topics, with a map")),
    ("topics", phrase("lists the topics")),
    ("trends", phrase("shows what is asked more than usual, and what nobody answers")),
    (
        phrase("why LINK LINK"),
        phrase("explains what speaks for and against two tickets being the same issue"),
    ),
    _SETTINGS,
    ("status", phrase("shows what I remember and how I work here")),
    ("help", phrase("shows this help")),
)
IN_THREADS = phrase("*In a thread*, mention me and I look for tickets like its first message.")
ON_ANSWERS = phrase(
    "*On my answers*, press _{same}_ or _{distinct}_, or choose _{related}_ from the menu. A pair "
    "you rule out never comes back, and every click can be undone. _{why}_ gives you the reasons.",
    same=SAME_ISSUE,
    related=RELATED,
    distinct=NOT_A_DUPLICATE,
    why=WHY,
)

HOW_SIMILAR = phrase(
    "*How similar* two tickets are, I say in words: _{very}_ in almost the same words, _{similar}_ "
    "close enough to be mentioned unasked, _{somewhat}_ below that. Once you have decided on some "
    "ten pairs, a percentage takes their place: how many such pairs were the same issue.",
    very=VERY_SIMILAR,
    similar=SIMILAR,
    somewhat=SOMEWHAT_SIMILAR,
)


def help_blocks(say: Texts) -> list[Block]:
    """Return five commands with examples, and a button that shows all."""
    more = button(say(in_context("button", "More")), MORE, "all", about=say("All commands"))
    return [section(_lines(_EXAMPLES, say)), actions("deja-help-more", more)]


def all_blocks(say: Texts) -> list[Block]:
    """Return all commands, and what can be done in threads and on answers."""
    return [
        section(_lines(COMMANDS, say)),
        section(f"{say(IN_THREADS)}\n{say(ON_ANSWERS)}\n{say(HOW_SIMILAR)}"),
    ]


def help_reply(say: Texts, mistake: Phrase | None = None) -> Reply:
    """Return what Déjà is, with examples; before it, perhaps, what was wrong with a command."""
    blocks = [_head(say), *help_blocks(say)]
    if mistake is not None:
        blocks.insert(0, section(words(say(mistake), REASON_LENGTH)))
    return Reply(say("How to use Déjà") if mistake is None else say(mistake), blocks)


def full_help_reply(say: Texts) -> Reply:
    """Return what Déjà is, and everything that it can do."""
    return Reply(say("How to use Déjà"), [_head(say), *all_blocks(say)])


def help_view(say: Texts) -> Block:
    """Return everything that Déjà can do as a view, for who asks on the Home tab."""
    return modal(all_blocks(say), close=plain(say(in_context("button", "Close"))))


def _head(say: Texts) -> Block:
    heading = say("Déjà remembers your tickets")
    does = say("When a new ticket has been reported before, I say so in its thread.")
    return section(f":brain: *{heading}*\n{does}")


def _lines(commands: tuple[tuple[str | Phrase, Phrase], ...], say: Texts) -> str:
    return "\n".join(f"• `/deja {say(typed)}` {say(does)}" for typed, does in commands)
