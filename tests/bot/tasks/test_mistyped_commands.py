"""Commands, filters, channels and people that do not exist: named, with the nearest that does."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.tasks.command_replies import CHANGING, COMMANDS
from bot.tasks.unknown_commands import OTHER_NAMES
from models import Channel
from services.memory.new_items import NewItem
from tests.conftest import NOW
from tests.serving import Desk, buttons, words

PRINTER = "printer prints blank pages after the firmware update"


def _reply_to(desk: Desk, text: str) -> str:
    """Type `/deja text`, and return the last private reply."""
    desk.command("C1", text)
    desk.drain()
    return words(desk.slack.private_replies[-1])


def test_an_unknown_command_is_named_with_the_nearest(desk: Desk) -> None:
    """Before the help it says which word is none, and what was probably meant."""
    for text, reason in (
        ("similr printer", "There is no command “similr”. Do you mean “/deja similar”?"),
        ("clusters 30d", "There is no command “clusters”. Do you mean “/deja cluster”?"),
        ("SETINGS", "There is no command “SETINGS”. Do you mean “/deja settings”?"),
        ("printer is broken", "tickets like that: “/deja similar printer is broken”"),
        ("xyzzy", "There is no command “xyzzy”."),
        ("nope", "There is no command “nope”."),
        ("Einstellungen", "Do you mean “/deja settings”?"),
        ("búsqueda impresora", "Do you mean “/deja search”?"),
        ("close", "Do you mean “/deja resolve”?"),
        ("Konfiguration", "Do you mean “/deja settings”?"),
        ("repetidos", "Do you mean “/deja duplicates”?"),
        ("query printer", "Do you mean “/deja search”?"),
    ):
        found = _reply_to(desk, text)
        assert reason in found
        assert "/deja search" in found
        assert "<!" not in found


def test_every_command_has_names_that_people_may_try() -> None:
    """Each leads to a command that exists, and is none itself."""
    known = {*COMMANDS, *CHANGING}
    assert set(OTHER_NAMES.values()) <= known
    assert known.isdisjoint(OTHER_NAMES)


def test_what_follows_settings_does_not_matter(desk: Desk) -> None:
    """The form opens, and says which channel it is about."""
    for text in ("settings", "Settings language", "settings #other"):
        before = desk.slack.count("views.open")
        desk.command("C1", text)
        desk.drain()
        assert desk.slack.count("views.open") == before + 1, text


def test_help_is_five_lines_and_more_in_their_place(desk: Desk) -> None:
    """*More* replaces the examples by all commands, for who asked alone."""
    desk.command("C1", "help")
    desk.drain()
    reply = desk.slack.private_replies[-1]
    assert words(reply).count("/deja ") == 5
    value = buttons(reply)["help_more"]
    desk.click("C1", "help_more", value, hook=desk.slack.hook(), is_ephemeral=True)
    desk.drain()
    whole = desk.slack.private_replies[-1]
    assert whole["replace_original"] is True
    assert all(f"/deja {name}" in words(whole) for name in [*COMMANDS, *CHANGING])


def test_all_help_is_in_the_language_of_the_examples(desk: Desk) -> None:
    """The channel's language where Slack does not tell that of whoever clicked."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    with desk.services.database.write() as session:
        session.scalars(select(Channel)).one().language = "de"
    desk.slack.users["U2"] = {"locale": None}
    desk.command("C1", "help")
    desk.drain()
    reply = desk.slack.private_replies[-1]
    value = buttons(reply)["help_more"]
    desk.click("C1", "help_more", value, hook=desk.slack.hook(), is_ephemeral=True)
    desk.drain()
    whole = desk.slack.private_replies[-1]
    assert "findet die ähnlichsten Tickets" in words(reply)
    assert "zeigt diese Hilfe" in words(whole)


def test_help_more_in_a_channel_is_for_who_clicked(desk: Desk) -> None:
    """A reply that all can see stays as it is."""
    desk.ticket("C1", "<@U0DEJA> help")
    desk.drain()
    desk.click("C1", "help_more", "all", hook=desk.slack.hook())
    desk.drain()
    whole = desk.slack.private_replies[-1]
    assert (whole["response_type"], whole["replace_original"]) == ("ephemeral", False)


def test_an_unknown_filter_or_name_is_named_with_the_nearest(desk: Desk) -> None:
    """Nothing is searched for with a filter that does not hold."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    for text, reason in (
        ("search is:slved", "Unknown filter is:slved. Do you mean is:solved?"),
        (
            "search from:@nobody",
            "I don't know of a ticket by @nobody that can be searched here. To name",
        ),
        ("search from:<@U404|zoe>", "I don't know of a ticket by @zoe that can be searched here."),
        ("search form:@ana printer", "There is no filter form:@ana. Do you mean from:@ana?"),
        ("search status:open", "There is no filter status:open. Do you mean is:open?"),
        ("search channel:<#C1|c1>", "no filter channel:#c1. Do you mean in:#c1?"),
        ("search since:2026-11-01", "Do you mean after:2026-11-01?"),
        ("search since:yesterday", "no filter since:yesterday. Do you mean after:2026-11-25?"),
        ("search hasta:2026-11-01 printer", "Do you mean before:2026-11-01?"),
        ("search printer in:#nope", "I don't know of a channel #nope that can be searched here."),
        ("similar lamp in:#nope", "I don't know of a channel #nope that can be searched here."),
        ("similar lamp is:slved", "Unknown filter is:slved. Do you mean is:solved?"),
        ("similar lamp form:@ana", "There is no filter form:@ana. Do you mean from:@ana?"),
        ("cluster lately", "I don't understand “lately” here. Tell me what to group"),
    ):
        assert reason in _reply_to(desk, text), text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cluster #nope", "I don't know of a channel #nope that can be searched here."),
        (
            "cluster <#C1|c1> #c11",
            "I don't know of a channel #c11 that can be searched here. Do you mean",
        ),
    ],
)
def test_topics_of_an_unknown_channel_are_refused(desk: Desk, text: str, reason: str) -> None:
    """Also where other channels that are named are known."""
    desk.ticket("C1", PRINTER)
    desk.command("C1", text)
    desk.drain()
    assert reason in words(desk.slack.private_replies[-1])


def test_words_with_a_colon_are_searched_for(desk: Desk) -> None:
    """Only what is almost a filter is taken for one."""
    desk.ticket("C1", PRINTER)
    desk.drain()
    for text in ("error:500", "https://x.example", "note: it fails", "a:b"):
        assert "filter" not in _reply_to(desk, f"search {PRINTER} {text}"), text


def test_an_imported_author_is_found_by_a_name_in_quotes(desk: Desk) -> None:
    """A name may have a space; a mistyped one is named with the nearest."""
    item = NewItem(
        source="import", external_id="1", created_at=NOW, text=PRINTER, author="Ana García"
    )
    desk.services.ingest.store(desk.workspace_id, [item], NOW)
    assert PRINTER in _reply_to(desk, 'search from:"Ana García"')
    assert PRINTER in _reply_to(desk, "search from:“ana garcía” is:open".replace("í", "í"))
    found = _reply_to(desk, 'search from:"Anna Garcia"')
    assert 'Do you mean from:\\"Ana García\\"?' in found
