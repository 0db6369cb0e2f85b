"""Cleaning: what is left of a text to be embedded and compared."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.cleaning.compared_text import embedding_text, readable_text
from services.text.slack.markup import clean_slack, ticket_text
from services.text.slack.message import message_text
from services.text.small_talk.matter import states_matter
from services.text.words.plain import plain_text

ANY_TEXT = st.text(st.characters(codec=None), max_size=400)
SLACKISH = st.lists(
    st.sampled_from(["<@U1>", "<#C1|x>", "<http://a.b|l>", "*b*", "_", "~", "`", "```", "<", ">",
                     "&amp;", "|", "\n", " ", "word", ":tada:", "\ud800", "\x00", "\u202e"]),
    max_size=60,
).map("".join)  # fmt: skip


@given(ANY_TEXT | SLACKISH)
def test_cleaned_text_can_be_stored_and_compared(text: str) -> None:
    """Whatever is written, the cleaned text is valid UTF-8 without control or bidi characters."""
    cleaned = clean_slack(text)
    cleaned.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", cleaned)
    assert plain_text(cleaned) == cleaned


@given(ANY_TEXT | SLACKISH)
def test_embedding_text_is_stable(text: str) -> None:
    """Cleaning for the model twice changes nothing, and what is left has a letter or a digit."""
    once = embedding_text(None, text)
    assert embedding_text(None, once) == once
    assert once == "" or any(character.isalnum() for character in once)


@pytest.mark.parametrize(
    ("markup", "plain"),
    [
        ("Hi <@U123>, see <https://a.example/x|the docs>", "Hi , see the docs"),
        ("&lt;b&gt; &amp;amp; <#C1|general> <!here>", "<b> &amp; #general"),
        ("<!subteam^S1|@helpers> <!date^1^{date}|1 May>", "helpers 1 May"),
        ("*bold _both_* ~gone~ a_b_c 2*3*4", "bold both gone a_b_c 2*3*4"),
        ("`*kept*` and ```a *b* <c>```", "*kept* and a *b* c"),
        ("&gt; quoted\nplain", "quoted\nplain"),
        ("line one\r\nline two", "line one\nline two"),
    ],
)
def test_slack_markup_becomes_what_people_see(markup: str, plain: str) -> None:
    """Links show their label, people are left out, styles lose their marks outside of code."""
    assert clean_slack(markup) == plain


@pytest.mark.parametrize(
    ("markup", "kept"),
    [
        ("give <@U1> access to the wiki", "give @… access to the wiki"),
        ("nimm <@U1> und <@W2> in den Verteiler", "nimm @… und @… in den Verteiler"),
        ("cambia la clave de <@U1> por favor", "cambia la clave de @… por favor"),
        ("<@U1>'s laptop and <@U2>’s phone", "'s laptop and @…’s phone"),
        ("<@U1> the lift is stuck", "the lift is stuck"),
        ("Hola <@U1> el ascensor no funciona", "Hola el ascensor no funciona"),
        ("the lift is stuck, <@U1> can you look?", "the lift is stuck, can you look?"),
        ("the lift is stuck\n<@U1> <@U2>", "the lift is stuck"),
        ("the lift is stuck cc <@U1>", "the lift is stuck cc"),
        ("give <@U1|ana> access", "give @ana access"),
        ("<@U1>", ""),
        ("please <@U1> has no access", "please @… has no access"),
        ("<@U1> needs a new badge", "@… needs a new badge"),
        ("<@U1> hat keinen Zugriff", "@… hat keinen Zugriff"),
        ("por favor <@U1> no tiene acceso", "por favor @… no tiene acceso"),
        ("<@U1> has anyone seen the lift?", "has anyone seen the lift?"),
        ("<@U1> hat jemand den Schlüssel?", "hat jemand den Schlüssel?"),
    ],
)
def test_a_ticket_keeps_that_it_mentions_somebody(markup: str, kept: str) -> None:
    """Amid a sentence, whom it is about; not who is addressed. The model reads neither."""
    assert ticket_text(markup) == kept
    assert readable_text(None, ticket_text(markup)) == readable_text(None, clean_slack(markup))


@pytest.mark.parametrize(
    "text",
    [":tada: :+1:", "😀 👍🏽", "<https://a.example/b>", "?!…", "", " \n", "any update on this?"],
)
def test_texts_without_a_matter_are_not_compared(text: str) -> None:
    """Only emoji, only a link, only punctuation, only talk: nothing is left to embed."""
    assert embedding_text(None, clean_slack(text)) == ""


@pytest.mark.parametrize(
    "text",
    [
        "how do I know if I should stop going to work", "am I allowed to go out",
        "ab wann darf man das?", "wie alt muss man sein?",
    ],
)  # fmt: skip
def test_tickets_are_compared_whatever_words_they_have(text: str) -> None:
    """A message that is kept is embedded, although each of its words says nothing by itself."""
    assert states_matter(text)
    assert embedding_text(None, text) == text


def test_a_title_and_a_text_are_read_together() -> None:
    """Either may say what it is about; the name of a product always does."""
    assert embedding_text("Support request", "Please see attached.") == ""
    assert embedding_text("VPN problem", "Please see attached.").startswith("VPN")
    assert embedding_text("Help", "The printer is offline").startswith("Help")
    assert embedding_text("Good Morning", "", "product") == "Good Morning"


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://www.example.org/a?b=1#c", "example.org"),
        ("HTTP://Example.org:8080", "Example.org"),
        ("(https://example.org).", "( example.org"),
        ("https://user:secret@example.org/x", "example.org"),
        ("https://example.org.", "example.org"),
        ("https://müller.example/ä", "müller.example"),
        ("https://[::1]/x mailto:a@example.org tel:+4912345", ""),
        ("https://", ""),
    ],
)
def test_of_a_link_the_host_stays(link: str, host: str) -> None:
    """The host tells which product is meant; path, query and who is logged in tell nothing."""
    assert readable_text(None, f"broken: {link}") == f"broken: {host}".strip()


@given(st.text("ab:/@?#.&=%[]()<> ", max_size=60))
def test_no_path_of_a_link_is_compared(rest: str) -> None:
    """Whatever follows the host is gone, up to the next space."""
    kept = readable_text(None, f"see https://example.org/{rest}")
    assert kept.split()[:2] == ["see", "example.org"]


@pytest.mark.parametrize(
    "text", ["std::vector::push fails", "at 12:30:45 it stopped", "error:foo:bar"]
)
def test_colons_in_words_are_not_emoji(text: str) -> None:
    """Code and times keep their colons."""
    assert embedding_text(None, text) == text


def test_other_scripts_are_words() -> None:
    """Hebrew, Japanese and Arabic tickets are compared too."""
    for text in ("המדפסת לא עובדת", "プリンターが動かない", "الطابعة لا تعمل"):
        assert embedding_text(None, text) == text


def test_hostile_markup_is_cleaned_in_time() -> None:
    """Forty thousand characters of markup take no longer than other text: no quadratic search."""
    for text in ("*a " * 13_000, "<" * 40_000, "`" * 40_001, "~_*" * 13_000, ":a" * 20_000):
        embedding_text(None, clean_slack(text))


def test_text_of_blocks_and_attachments_is_found() -> None:
    """A form with an empty `text` says what its blocks, else its attachments say."""
    form = {
        "text": "",
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": "New request"}},
            {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Device*\nHub 2"}]},
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "text", "text": "It is "},
                {"type": "link", "url": "https://a.example", "text": "offline"},
                {"type": "user", "user_id": "U1"}]}]},
            {"type": "actions", "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Press"}}]},
        ],
    }  # fmt: skip
    assert clean_slack(message_text(form)) == "New request\nDevice\nHub 2\nIt is offline"
    attachment = {
        "title": "Alarm",
        "text": "Disk full",
        "fields": [{"title": "Host", "value": "a1"}],
    }
    assert message_text({"attachments": [attachment]}) == "Alarm\nDisk full\nHost\na1"
    assert message_text({"attachments": [{"fallback": "only this"}]}) == "only this"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "blocks", "elements", "fields", "url", "attachments"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments"]), JSON))
def test_any_payload_has_a_text(message: dict[str, object]) -> None:
    """No shape of blocks makes reading a message fail."""
    assert isinstance(message_text(message), str)


@pytest.mark.parametrize(
    "line", ["-- ", "On Mon, 4 May 2026, Kim wrote:", "Sent from my phone", "Disclaimer: x"]
)
def test_nothing_in_code_is_a_part_of_a_mail(line: str) -> None:
    """A comment there is no signature; below the code, one is."""
    text = f"The query hangs:\n```\n{line}\nselect gate\n```\nsince noon"
    assert "since noon" in readable_text(None, text)
    assert "Acme" not in readable_text(None, f"{text}\n-- \nAcme Ltd")


@pytest.mark.parametrize(
    "part",
    ["DİSCLAİMER", "dısclaımer", "GESENDET VON MEİNEM HANDY", "Mit freundlichen GRÜẞEN\nAcme"],
)
def test_parts_of_a_mail_are_known_in_the_letters_of_any_program(part: str) -> None:
    """One set to Turkish makes other letters large and small than the words have."""
    assert (
        readable_text(None, f"The query hangs since noon.\n{part}") == "The query hangs since noon."
    )
