"""What a Slack message is: one answer for every way in.

Live events, edits, sweeps, backfills and Slack exports all call `classify`, so the same message
gives the same result however it arrives. Who wrote it and where follows from the message alone; the
settings of its channel (`ChannelRules`) decide the rest. A live message is classified in two steps:
the listener, which does not know the channel, calls `classify` without rules, and the job calls
`classify_content`. An emoji that overrides it (`services.intake.overrides`) is the first rule.

A follow-up ("any news?", "same here") belongs to a ticket without being one. Its words say that; to
which ticket it belongs is a matter of `services.intake.follow_ups`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from models import Channel
from models.workspaces import IGNORE_EMOJI, TICKET_EMOJI
from services.channels.emoji import OverrideKind
from services.intake.senders import Sender, is_by_bot, is_form, is_sent_mail
from services.intake.slack_messages import Message, SlackTicket, edit_of, is_reply, mentions
from services.phrases import Phrase, phrase
from services.text.slack.images import images_of
from services.text.slack.markup import clean_slack
from services.text.slack.message import message_text
from services.text.slack.times import is_ts
from services.text.small_talk.additions import kind_without_matter, stands_for_itself
from services.text.small_talk.follow_ups import FollowUpKind, kind_of_reply
from services.text.small_talk.ignored_phrases import ignored_phrase
from services.text.small_talk.matter import may_state_matter
from services.text.small_talk.openings import kind_of_opening
from services.text.small_talk.talk import names_something

# Subtypes of messages that somebody wrote. All others are Slack's own ("X joined the channel").
WRITTEN = (None, "file_share", "thread_broadcast", "me_message", "bot_message")
TYPES = ("message", "app_mention")

# Why a message is no ticket: as the object of "I ignore …", …
NOTE = phrase("notices of who joined, topic changes and the like")
BOT = phrase("messages from bots")
REPLY = phrase("replies in threads")
QUESTION = phrase("questions to Déjà")
NO_WORDS = phrase("messages without words")
TAKEN_OUT = phrase("messages that somebody marked as not a ticket")
_LEFT_OUT = (NOTE, BOT, REPLY, QUESTION, NO_WORDS, TAKEN_OUT)

# … or as a sentence.
TALK = phrase("it does not say what it is about")
OFF = phrase("I'm turned off in this channel")
PRODUCTS = phrase("this channel is for product questions")


class MessageKind(StrEnum):
    """What a message is."""

    TICKET = "ticket"
    FOLLOW_UP = "follow-up"
    SMALL_TALK = "small talk"
    QUESTION = "question to the bot"
    REPLY = "reply"
    BOT = "bot message"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Classification:
    """What a message is, and the reason why it is not a ticket (None for tickets).

    `content` is what would be kept of the message; None if it cannot have been a ticket before an
    edit either. `follow_up` is what a follow-up says of its ticket.
    """

    kind: MessageKind
    reason: Phrase | None = None
    content: SlackTicket | None = None
    follow_up: FollowUpKind | None = None

    @property
    def ticket(self) -> SlackTicket | None:
        """What is kept of the message; None if it is not a ticket."""
        return self.content if self.kind is MessageKind.TICKET else None

    @property
    def pictures_may_add(self) -> bool:
        """Say whether words in the message's pictures may make it a ticket, or add to it."""
        adds_little = self.follow_up in (None, FollowUpKind.DETAIL)
        return self.ticket is not None or (self.reason in (TALK, NO_WORDS) and adds_little)

    @property
    def is_stored(self) -> bool:
        """Say whether the message is stored: a ticket, or one that somebody took out.

        What was taken out is neither embedded nor shown. It keeps its place among the messages
        around it, and its reaction may be removed again.
        """
        return self.ticket is not None or self.reason == TAKEN_OUT

    @property
    def ends_ticket(self) -> bool:
        """Say whether an edit to this takes out a ticket that the message was before.

        That Déjà is off now, or asked for products, does not.
        """
        return not self.is_stored and self.reason not in (OFF, PRODUCTS)

    @property
    def sentence(self) -> Phrase | None:
        """The reason as a sentence: "I ignore replies in threads"."""
        if self.reason in _LEFT_OUT:
            return phrase("I ignore {what}", what=self.reason)
        return self.reason


@dataclass(frozen=True)
class BotAccounts:
    """The accounts whose messages are not written by people.

    `own` is the user id of Déjà itself. `ticket_bots` are bots, apps or users whose messages are
    tickets all the same; `others` are users that are bots although their messages do not say so.
    """

    own: str | None = None
    ticket_bots: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ChannelRules:
    """The settings of a channel that decide about its messages.

    `ticket_senders` are bots whose messages are tickets there, `ignored_senders` bots and forms
    whose messages are none. `overrides` are what reactions with these emoji turn messages into,
    by `ts`; `image_texts` what was read in pictures, by file id.
    """

    is_off: bool = False
    is_for_products: bool = False
    ignored: Sequence[str] = ()
    ticket_emoji: str = TICKET_EMOJI
    ignore_emoji: str = IGNORE_EMOJI
    ticket_senders: frozenset[str] = frozenset()
    ignored_senders: frozenset[str] = frozenset()
    overrides: Mapping[str, OverrideKind | None] = field(default_factory=dict)
    image_texts: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        channel: Channel,
        overrides: Mapping[str, OverrideKind | None] | None = None,
        image_texts: Mapping[str, str] | None = None,
    ) -> ChannelRules:
        """Return the rules of a channel."""
        return cls(
            is_off=channel.mode == "off",
            is_for_products=channel.kind == "products",
            ignored=channel.ignored,
            ticket_emoji=channel.ticket_emoji,
            ignore_emoji=channel.ignore_emoji,
            ticket_senders=frozenset(channel.ticket_senders),
            ignored_senders=frozenset(channel.ignored_senders),
            overrides=overrides or {},
            image_texts=image_texts or {},
        )

    def opens_tickets(self, sender: Sender, *, unless_chosen: bool) -> bool:
        """Say whether a sender's messages are tickets; `unless_chosen` where nobody chose it."""
        is_wanted = unless_chosen or sender.id in self.ticket_senders
        return is_wanted and sender.id not in self.ignored_senders


def classify(
    message: Message, bots: BotAccounts, rules: ChannelRules | None = None
) -> Classification:
    """Return what a message is; without `rules`, as far as that does not depend on its channel."""
    if rules is not None and rules.ticket_senders:
        bots = replace(bots, ticket_bots=bots.ticket_bots | rules.ticket_senders)
    found = _no_ticket(message, bots)
    content = None if found is not None else SlackTicket.of(message)
    if content is not None and not (content.text or content.revision or content.images):
        return Classification(MessageKind.IGNORED, NO_WORDS)
    is_made_a_ticket = (
        rules is not None
        and rules.overrides.get(str(message.get("ts"))) == "ticket"
        and kind_in_any_channel(message, bots) is not None
    )
    if found is not None and not is_made_a_ticket:
        return found
    content = content or SlackTicket.of(message)
    if rules is None:
        return Classification(MessageKind.TICKET, content=content)
    return classify_content(content.with_image_texts(rules.image_texts), rules)


def classify_content(content: SlackTicket, rules: ChannelRules) -> Classification:
    """Return what a message with this content is by the rules of its channel."""
    override = rules.overrides.get(content.ts)
    if rules.is_off:
        found = Classification(MessageKind.IGNORED, OFF, content)
    elif not content.text:  # an edit took the words away
        found = Classification(MessageKind.IGNORED, NO_WORDS, content)
    elif override == "ticket":
        found = Classification(MessageKind.TICKET, None, content)
    elif override == "ignored":
        found = Classification(MessageKind.IGNORED, TAKEN_OUT, content)
    elif content.sender is not None and content.sender.id in rules.ignored_senders:
        found = Classification(MessageKind.BOT, BOT, content)
    else:
        found = _classify_words(content, rules)
    return found


def _classify_words(content: SlackTicket, rules: ChannelRules) -> Classification:
    text = clean_slack(content.text)
    small_talk = _why_small_talk(text, rules, bool(content.images))
    if small_talk is not None:
        # Where people ask for products there is no ticket to follow.
        may_follow = content.by_person and not rules.is_for_products and small_talk == TALK
        follow_up = kind_without_matter(text) if may_follow else None
        kind = MessageKind.SMALL_TALK if follow_up is None else MessageKind.FOLLOW_UP
        return Classification(kind, small_talk, content, follow_up)
    if rules.is_for_products:
        return Classification(MessageKind.IGNORED, PRODUCTS, content)
    return Classification(MessageKind.TICKET, None, content)


def kind_in_any_channel(message: Message, bots: BotAccounts) -> MessageKind | None:
    """Return what a message is before the rules of its channel count.

    None where no rule can make it a ticket: Slack's own notices, and what Déjà says.
    """
    found = _no_ticket(message, bots)
    if found is None:
        says_something = message_text(message) or edit_of(message) or images_of(message)
        return MessageKind.TICKET if says_something else None
    is_own = bots.own is not None and message.get("user") == bots.own
    return None if is_own or found.kind is MessageKind.IGNORED else found.kind


def _why_small_talk(text: str, rules: ChannelRules, has_pictures: bool) -> Phrase | None:
    """Return why a text is small talk in a channel, None where it says something."""
    ignored = ignored_phrase(text, rules.ignored)
    if ignored is not None:
        return phrase("it contains “{said}”, which this channel ignores", said=ignored)
    # What refers to a picture says what it is about with few words.
    is_matter = may_state_matter if has_pictures else stands_for_itself
    # "wine?" says enough where people ask for products; "us too, 3rd floor" says nothing alone.
    says_enough = is_matter(text) and kind_of_opening(text) is None
    return None if says_enough or (rules.is_for_products and names_something(text)) else TALK


def _no_ticket(message: Message, bots: BotAccounts) -> Classification | None:
    """Return what a message is if no words can make it a ticket in any channel; else None."""
    subtype = message.get("subtype")
    is_written = message.get("type", "message") in TYPES and subtype in WRITTEN
    if not is_written or not is_ts(message.get("ts")) or message.get("hidden") is True:
        return Classification(MessageKind.IGNORED, NOTE)
    if not _is_a_persons(message, bots):
        return Classification(MessageKind.BOT, BOT)
    if _is_for_the_bot(message, bots):
        return Classification(MessageKind.QUESTION, QUESTION)
    if is_reply(message):
        return classify_reply(SlackTicket.of(message))
    return None


def _is_a_persons(message: Message, bots: BotAccounts) -> bool:
    """Say whether a message counts as a person's: forms, mail and `ticket_bots` do, too."""
    user = message.get("user")
    if bots.own and user == bots.own:
        return False
    if not is_by_bot(message) and str(user) not in bots.others:
        return True
    ids = {str(message.get(key)) for key in ("bot_id", "app_id", "user")}
    return is_form(message) or is_sent_mail(message) or bool(bots.ticket_bots & ids)


def _is_for_the_bot(message: Message, bots: BotAccounts) -> bool:
    """Say whether a message asks the bot: it mentions it, or is a direct message to it.

    A form that mentions it is a ticket all the same.
    """
    if message.get("channel_type") == "im":
        return True
    if is_form(message) and not is_reply(message):
        return False
    if message.get("type") == "app_mention":
        return True
    return mentions(message, bots.own)


def classify_reply(content: SlackTicket) -> Classification:
    """Return what a reply in a thread is."""
    follow_up = kind_of_reply(clean_slack(content.text)) if content.by_person else None
    if follow_up is None:
        return Classification(MessageKind.REPLY, REPLY)
    return Classification(MessageKind.FOLLOW_UP, REPLY, content, follow_up)
