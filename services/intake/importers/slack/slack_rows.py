"""What an exported Slack message is: a row, part of another message's ticket, or left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.errors import InputError
from services.intake.answer_marks import answer_mark
from services.intake.classify import (
    PRODUCTS,
    REPLY,
    BotAccounts,
    ChannelRules,
    Classification,
    MessageKind,
    classify,
)
from services.intake.importers.entries import MarkedReply, Row, Skipped
from services.intake.importers.slack.slack_lists import Accounts
from services.intake.overrides import overriding_reactions, with_reactions
from services.intake.slack_messages import SlackTicket, edit_of, is_reply
from services.memory.channel_facts import ChannelFacts
from services.memory.comparable_text import FindWords, compared
from services.text.slack.times import is_ts

SMALL_TALK = "messages that are small talk or that their channel ignores"
FOR_PRODUCTS = "messages in channels that are asked for products"

# Those of a channel that is not known yet.
NO_RULES = ChannelRules()


@dataclass(frozen=True)
class KnownWorkspace:
    """What is known of the workspace that an export is read for.

    Its URL and bots may be unknown before Slack is connected. `rules` are those of the channels
    that are stored, by Slack id; `names` what a folder of an Enterprise Grid export may be called.
    """

    team_url: str | None = None
    bots: BotAccounts = field(default_factory=BotAccounts)
    rules: Mapping[str, ChannelRules] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


@dataclass(frozen=True)
class MessageReader:
    """Reads the messages of an export for a workspace; `accounts` are those the export lists."""

    workspace: KnownWorkspace
    accounts: Accounts
    find_words: FindWords = compared

    def read(self, message: Any, step: int, channel: ChannelFacts) -> Row | MarkedReply | Skipped:
        """Return what a message is. Raises `InputError` if it is none."""
        if not isinstance(message, dict):
            raise InputError("not a message")
        if not is_ts(message.get("ts")):
            raise InputError("there is no time stamp (ts)")
        rules = self.workspace.rules.get(channel.slack_id, NO_RULES)
        reactions = overriding_reactions(rules, message, self.accounts.may_react)
        if reactions:
            overrides = with_reactions(rules.overrides, rules, reactions)
            rules = replace(rules, overrides=overrides)
        # An export is imported on purpose, so also into channels where the bot is (still) off.
        rules = replace(rules, is_off=False) if rules.is_off else rules
        found = classify(_with_comment(message), self.accounts.bots, rules)
        mark = answer_mark(message, self.accounts.bots.own)
        is_kept = found.is_stored or found.follow_up is not None
        if is_kept and found.content is not None:
            item = found.content.item(
                channel.slack_id, channel_id=None, team_url=self.workspace.team_url
            )
            words = self.find_words(item.title, item.text, item.kind, item.extra)
            return Row(
                step,
                item if words is None else replace(item, compared=words),
                channel,
                reactions=reactions,
                skipped=None if found.ticket else _summary(found),
                follow_up=found.follow_up,
                mark=mark,
            )
        if mark is not None:
            return MarkedReply(step, channel, mark, _summary(found))
        if edit_of(message) and found.ends_ticket and not is_reply(message):
            content = SlackTicket.of(message)
            item = content.item(channel.slack_id, channel_id=None, team_url=None)
            return Row(step, item, channel, skipped=_summary(found), ends_ticket=True)
        return Skipped(step, _summary(found))


def _summary(found: Classification) -> str:
    """Return why messages are skipped, in words that follow "Skipped 12 …"."""
    is_talk = found.kind is MessageKind.FOLLOW_UP and found.reason != REPLY
    if found.kind is MessageKind.SMALL_TALK or is_talk:
        return SMALL_TALK
    return FOR_PRODUCTS if found.reason == PRODUCTS else str(found.reason)


def _with_comment(message: dict[str, Any]) -> dict[str, Any]:
    """Return an upload from before 2018 with its comment as the text.

    Its own text is "X uploaded a file: Y and commented: Z", which makes all uploads similar.
    """
    file = message.get("file")
    if message.get("subtype") != "file_share" or not isinstance(file, dict):
        return message
    comment = file.get("initial_comment")
    text = comment.get("comment") if isinstance(comment, dict) else None
    return {**message, "text": text}
