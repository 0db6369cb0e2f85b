"""Stories that hold in Socket Mode and by signed HTTP; the tests of each mode inherit them."""

from __future__ import annotations

import re

from sqlalchemy import select

from models import Verdict
from tests.e2e.conftest import ANA, BEN, HELP, LOBBY, HelpDesk, wait_for, words

PRINTER = "printer prints blank pages after the firmware update"
PRINTER_AGAIN = f"Printer {PRINTER.removeprefix('printer ')}!"
PRINTER_TOO = f"since today {PRINTER}"
INVOICE = "invoice export fails with error 500"

MFA_LOOP = (
    "VPN keeps asking me for the MFA code again and again. It says approved, then asks once more."
)
MFA_LOOP_AGAIN = (
    "The VPN wants my MFA code over and over: it is approved, and then it asks me for another"
)
LUNCH = "Anyone up for lunch at the noodle place at half twelve?"


def check_story_of_meaning(desk: HelpDesk) -> None:
    """A problem in other words is answered with the first ticket; lunch gets no answer."""
    with desk.bot() as bot:
        first = desk.say(bot, MFA_LOOP)
        lunch = desk.slack.post(HELP, ANA, LUNCH)  # small talk is not stored
        second = desk.say(bot, MFA_LOOP_AGAIN, user=BEN)
        answer = desk.answer(second)
        shown = words(answer)
        assert re.search(r"similar · open · (just now|\d+ minutes? ago) · #help", shown)
        assert f"/archives/{HELP}/p{first.replace('.', '')}|VPN keeps asking me" in shown
        assert answer["thread_ts"] == second
        assert "VPN keeps asking me" in answer["text"]
        assert desk.slack.replies(HELP, first) == desk.slack.replies(HELP, lunch) == []


class Stories:
    """Stories on a desk with SQLite and the hashing embedder."""

    def test_only_a_repeated_ticket_is_answered(self, desk: HelpDesk) -> None:
        """A duplicate gets one answer, also across channels, and a new problem none."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            unrelated = desk.say(bot, INVOICE)
            repeated = desk.say(bot, PRINTER_AGAIN, channel=LOBBY)
            assert "very similar · open" in words(desk.answer(repeated, channel=LOBBY))
            assert len(desk.slack.replies(LOBBY, repeated)) == 1
            assert desk.slack.replies(HELP, unrelated) == []

    def test_an_answer_follows_edits_of_its_ticket(self, desk: HelpDesk) -> None:
        """An answer is deleted when its ticket's words change, and posted again with them."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.slack.edit(HELP, ANA, repeated, INVOICE)
            wait_for(lambda: not desk.slack.replies(HELP, repeated))
            desk.slack.edit(HELP, ANA, repeated, PRINTER_TOO)
            assert PRINTER in words(desk.answer(repeated))

    def test_an_answer_is_deleted_with_its_ticket(self, desk: HelpDesk) -> None:
        """Nothing of the bot is left below a deleted message."""
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

    def test_an_answer_does_not_name_a_deleted_ticket(self, desk: HelpDesk) -> None:
        """When the earlier ticket is deleted, the answer that named only it is deleted."""
        with desk.bot() as bot:
            first = desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.slack.delete(HELP, ANA, first)
            wait_for(lambda: not desk.slack.replies(HELP, repeated))

    def test_commands_are_answered_in_private(self, desk: HelpDesk) -> None:
        """`/deja help`, `similar` and `status` come back as ephemeral messages."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            assert "/deja similar" in desk.ask("help")
            assert PRINTER in desk.ask(f"similar {PRINTER_AGAIN}")
            assert "1 ticket that you can read" in desk.ask("status")
            assert "anything like that" in desk.ask("similar entirely different words")

    def test_a_mention_in_a_thread_lists_similar_tickets(self, desk: HelpDesk) -> None:
        """A mention of the bot in a thread gets tickets similar to its first message there."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            asked = desk.say(bot, f"{PRINTER} and the driver update of last week")
            desk.slack.post(HELP, BEN, "<@U0DEJA>", thread_ts=asked)
            assert PRINTER in words(desk.answer(asked, saying="Most similar tickets"))
            desk.let_finish(bot)
            found = [words(one) for one in desk.slack.replies(HELP, asked)]
            assert len([one for one in found if "Most similar tickets" in one]) == 1

    def test_each_decision_is_shown_recorded_and_undone(self, desk: HelpDesk) -> None:
        """Every verdict is shown in the message with its person, until Undo."""
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

    def test_a_ruled_out_pair_is_not_asked_again(self, desk: HelpDesk) -> None:
        """After *Not a duplicate* a small edit does not bring the question back."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.press(repeated, "Not a duplicate")
            desk.answer(repeated, saying="Not a duplicate* · ")
            desk.slack.edit(HELP, ANA, repeated, PRINTER_TOO)
            wait_for(
                lambda: getattr(desk.remembers(bot, HELP, repeated), "text", "") == PRINTER_TOO
            )
            desk.let_finish(bot)
            assert "Not a duplicate* · " in words(desk.answer(repeated))

    def test_a_muted_channel_gets_no_answers_until_it_is_unmuted(self, desk: HelpDesk) -> None:
        """*Mute here* applies to its channel only, until *Unmute*."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
            repeated = desk.say(bot, PRINTER_AGAIN)
            desk.answer(repeated)
            desk.mute(bot, repeated)
            desk.answer(repeated, saying=f"Muted in this channel by <@{BEN}>")
            assert desk.slack.replies(HELP, desk.say(bot, PRINTER_TOO)) == []
            desk.answer(desk.say(bot, PRINTER_TOO, channel=LOBBY), channel=LOBBY)
            desk.press(repeated, "Unmute")
            desk.answer(repeated, saying="Seen before?")
            wait_for(lambda: "Muted" not in words(desk.answer(repeated)))
            desk.answer(desk.say(bot, f"{PRINTER} today"))

    def test_messages_from_while_the_bot_was_offline_are_answered(self, desk: HelpDesk) -> None:
        """When it starts, the bot reads what it missed, and answers it once."""
        with desk.bot() as bot:
            desk.say(bot, PRINTER)
        missed = desk.slack.post(HELP, BEN, PRINTER_AGAIN)
        with desk.bot() as bot:
            assert PRINTER in words(desk.answer(missed))
            desk.let_finish(bot)
            assert len(desk.slack.replies(HELP, missed)) == 1
