"""What holds in Socket Mode and by signed HTTP alike; each mode's tests inherit these."""

from __future__ import annotations

import re

from sqlalchemy import select

from models import Verdict
from tests.e2e.conftest import ANA, BEN, HELP, LOBBY, HelpDesk, wait_for, words

PRINTER = "printer prints blank pages after the firmware update"
PRINTER_AGAIN = f"Printer {PRINTER.removeprefix('printer ')}!"
PRINTER_TOO = f"since today {PRINTER}"
INVOICE = "invoice export fails with error 500"

LOOP = (
    "VPN keeps asking me for the MFA code again and again. It says approved, then asks once more."
)
LOOP_AGAIN = (
    "The VPN wants my MFA code over and over: it is approved, and then it asks me for another"
)
NOODLES = "Anyone up for lunch at the noodle place at half twelve?"


def tell_a_story_of_meaning(desk: HelpDesk) -> None:
    """A problem in other words is answered with what is known of the first; lunch is not."""
    with desk.bot() as bot:
        first = desk.say(bot, LOOP)
        lunch = desk.say(bot, NOODLES)
        second = desk.say(bot, LOOP_AGAIN, user=BEN)
        answer = desk.answer(second)
        shown = words(answer)
        assert re.search(r"similar · open · \d+ minutes? earlier · #help", shown)
        assert f"/archives/{HELP}/p{first.replace('.', '')}|VPN keeps asking me" in shown
        assert answer["thread_ts"] == second
        assert "VPN keeps asking me" in answer["text"]
        assert desk.slack.replies(HELP, first) == desk.slack.replies(HELP, lunch) == []


class Stories:
    """Stories on a desk that keeps its memory in SQLite and hashes words."""

    def test_a_repeated_ticket_gets_one_answer_and_others_none(self, desk: HelpDesk) -> None:
        """The duplicate's thread has one message, also across channels; a new problem's none."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            unrelated = desk.say(bot, INVOICE)
            repeated = desk.say(bot, PRINTER_AGAIN, channel=LOBBY)
            assert "very similar · open" in words(desk.answer(repeated, channel=LOBBY))
            assert len(desk.slack.replies(LOBBY, repeated)) == 1
            assert desk.slack.replies(HELP, unrelated) == []

    def test_an_edit_takes_the_answer_back_and_brings_it_again(self, desk: HelpDesk) -> None:
        """An answer follows its ticket's words: gone when they change, back with them."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.slack.edit(HELP, ANA, repeated, INVOICE)
            wait_for(lambda: not desk.slack.replies(HELP, repeated))
            desk.slack.edit(HELP, ANA, repeated, PRINTER_TOO)
            assert PRINTER in words(desk.answer(repeated))

    def test_a_deleted_ticket_takes_its_answer_along(self, desk: HelpDesk) -> None:
        """Nothing of the bot is left below a message that is gone."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.slack.delete(HELP, ANA, repeated)
            wait_for(lambda: not desk.slack.replies(HELP, repeated))
            desk.let_finish(bot)
            item = desk.remembers(bot, HELP, repeated)
            assert item is not None
            assert item.text == ""

    def test_an_answer_does_not_name_what_was_deleted(self, desk: HelpDesk) -> None:
        """When the earlier ticket goes, the answer that named it goes."""
        with desk.bot() as bot:
            first = desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.slack.delete(HELP, ANA, first)
            wait_for(lambda: not desk.slack.replies(HELP, repeated))

    def test_commands_answer_the_asker_alone(self, desk: HelpDesk) -> None:
        """`/deja help`, `similar` and `status` come back as ephemeral messages."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            assert "/deja similar" in desk.ask("help")
            assert PRINTER in desk.ask(f"similar {PRINTER_AGAIN}")
            assert "1 ticket that you can read" in desk.ask("status")
            assert "anything like that" in desk.ask("similar entirely different words")

    def test_a_mention_in_a_thread_looks_for_the_like(self, desk: HelpDesk) -> None:
        """Whoever mentions the bot in a thread gets what its first message resembles, there."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            asked = desk.say(bot, f"{PRINTER} and the driver update of last week")
            desk.slack.post(HELP, BEN, "<@U0DEJA>", thread_ts=asked)
            assert PRINTER in words(desk.answer(asked, saying="Most similar tickets"))
            desk.let_finish(bot)
            found = [words(one) for one in desk.slack.replies(HELP, asked)]
            assert len([one for one in found if "Most similar tickets" in one]) == 1

    def test_each_decision_is_shown_recorded_and_undone(self, desk: HelpDesk) -> None:
        """Every button's verdict stands in the message with its person, until Undo."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            for label in ("Same issue", "Related", "Not a duplicate"):
                desk.answer(repeated, saying="Seen before?")
                desk.press(repeated, label)
                desk.answer(repeated, saying=f"*{label}* · <@{BEN}>")
                desk.press(repeated, "Undo", user=ANA)
            desk.answer(repeated, saying="Seen before?")
            with bot.services.database.read() as session:
                verdicts = session.scalars(select(Verdict).order_by(Verdict.id)).all()
            assert [one.verdict for one in verdicts] == ["duplicate", "related", "distinct"]
            assert {(one.decided_by, one.undone_by) for one in verdicts} == {(BEN, ANA)}
            assert len(desk.slack.replies(HELP, repeated)) == 1

    def test_a_ruled_out_pair_does_not_come_back(self, desk: HelpDesk) -> None:
        """After *Not a duplicate* an edit that changes little brings no question again."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.press(repeated, "Not a duplicate")
            desk.answer(repeated, saying="Not seen before")
            desk.slack.edit(HELP, ANA, repeated, PRINTER_TOO)
            wait_for(
                lambda: getattr(desk.remembers(bot, HELP, repeated), "text", "") == PRINTER_TOO
            )
            desk.let_finish(bot)
            assert "Not seen before" in words(desk.answer(repeated))

    def test_a_muted_channel_is_left_alone_until_it_is_unmuted(self, desk: HelpDesk) -> None:
        """*Mute here* silences the channel and no other; *Unmute* ends it."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.press(repeated, "Mute here")
            desk.answer(repeated, saying=f"Muted in this channel by <@{BEN}>")
            assert desk.slack.replies(HELP, desk.say(bot, PRINTER_TOO)) == []
            desk.answer(desk.say(bot, PRINTER_TOO, channel=LOBBY), channel=LOBBY)
            desk.press(repeated, "Unmute")
            desk.answer(repeated, saying="Seen before?")
            wait_for(lambda: "Muted" not in words(desk.answer(repeated)))
            desk.answer(desk.say(bot, f"{PRINTER} today"))

    def test_what_was_said_while_the_bot_was_away_is_answered(self, desk: HelpDesk) -> None:
        """On its return the bot reads what it missed, and answers it once."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
        missed = desk.slack.post(HELP, BEN, PRINTER_AGAIN)
        with desk.bot() as bot:
            assert PRINTER in words(desk.answer(missed))
            desk.let_finish(bot)
            assert len(desk.slack.replies(HELP, missed)) == 1
