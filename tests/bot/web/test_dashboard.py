"""The dashboard from its visitors' side and from an attacker's."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from bot.web.dashboard import Dashboard
from bot.web.serve import ensure_host
from bot.web.sessions import SESSION_SECONDS
from models import ShownMatch, Verdict
from services.errors import SettingsError
from services.memory.channel_facts import ChannelFacts, save_channel
from tests.bot.web.visitors import Visitor, sign_in
from tests.serving import Desk, words

PRINTER = "printer prints blank pages after the firmware update"
SECRET = "merger with Acme prints blank pages after the firmware update"
ANYWHERE = "0.0.0.0"  # noqa: S104 - to be refused
SCRIPT = "<script>alert(1)</script> & <img src=x onerror=alert(2)> in the portal"


def repeated(desk: Desk, text: str = PRINTER, channel: str = "C1") -> None:
    """Write the same ticket twice."""
    for _ in range(2):
        desk.ticket(channel, text)
        desk.drain()


def verdicts(desk: Desk) -> list[tuple[str, str]]:
    """Return the current verdicts and who decided."""
    with desk.services.database.read() as session:
        rows = session.scalars(select(Verdict).where(Verdict.undone_at.is_(None)))
        return [(one.verdict, one.decided_by) for one in rows]


@pytest.mark.both_databases
def test_a_person_signs_in_and_decides(desk: Desk, dashboard: Dashboard) -> None:
    """After the sign-in the pages are there; a decision is stored under the name, and undone."""
    repeated(desk)
    visitor = sign_in(desk, dashboard, "U2")
    assert PRINTER in visitor.get("/")
    assert "Same issue" in visitor.get("/review")
    assert "Saved: the same issue." in visitor.choose("same")
    assert verdicts(desk) == [("duplicate", "U2")]
    desk.drain()  # the answer in Slack follows
    assert "U2" in str(desk.slack.posted()[-1])
    assert "Undone: the decision no longer counts." in visitor.choose("undo")
    assert verdicts(desk) == []


def test_a_figure_that_denies_a_duplicate_is_not_shown(desk: Desk, dashboard: Dashboard) -> None:
    """What waits as a duplicate is not called unlikely, nor is anything called certain."""
    repeated(desk)
    visitor = sign_in(desk, dashboard, "U2")
    for probability, shown in ((0.04, []), (0.9999, ["99% likely the same"])):
        with desk.services.database.write() as session:
            session.execute(update(ShownMatch).values(probability=probability))
        assert PRINTER in visitor.get("/")
        assert re.findall(r"\d+% likely the same", visitor.page) == shown


def test_undo_takes_back_what_slack_was_told(desk: Desk, dashboard: Dashboard) -> None:
    """The notice that the issue is solved goes from the thread of a report that left it."""
    first, second = (desk.ticket("C1", PRINTER, user=user) for user in ("U3", "U4"))
    desk.drain()
    visitor = sign_in(desk, dashboard, "U2")
    visitor.get("/review")
    visitor.choose("same")
    desk.react("C1", desk.slack.say("C1", "Restart it", user="U5", thread_ts=first)["ts"])
    desk.drain()
    told = "The same issue has been solved"
    assert any(told in words(one) for one in desk.slack.replies("C1", second))
    visitor.choose("undo")
    desk.drain()
    assert not any(told in words(one) for one in desk.slack.replies("C1", second))


def test_without_a_session_there_is_only_the_sign_in(desk: Desk, dashboard: Dashboard) -> None:
    """No page, picture or form is answered before somebody has signed in."""
    repeated(desk)
    visitor = Visitor(dashboard)
    for path in ("/", "/topics", "/review", "/health", "/map-light.png"):
        assert "Sign in with Slack" in visitor.get(path)
        assert visitor.status == 401
        assert PRINTER not in visitor.page
    visitor.post("/review", pair="1-2", choice="same")
    assert visitor.status == 401
    assert verdicts(desk) == []


@pytest.mark.parametrize(("user", "sees"), [("U2", False), ("UIN", True)])
def test_private_tickets_are_for_members_alone(
    desk: Desk, dashboard: Dashboard, user: str, sees: bool
) -> None:
    """Nothing of a private channel is on any page of whoever is not in it, not even a count."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    repeated(desk, SECRET, "G1")
    visitor = sign_in(desk, dashboard, user)
    shown = "".join(map(visitor.get, ("/", "/topics", "/review")))
    assert ("merger" in shown.casefold()) is sees
    assert ("#g1" in shown) is sees
    assert ("2 tickets that you can read" in shown) is sees


def test_others_pairs_cannot_be_decided(desk: Desk, dashboard: Dashboard) -> None:
    """A forged pair of tickets that the sender may not read is refused, and nothing is stored."""
    desk.slack.add_channel("G1", is_private=True, members=["UIN"])
    repeated(desk, SECRET, "G1")
    repeated(desk)
    visitor = sign_in(desk, dashboard, "U2")
    visitor.get("/review")
    assert "may not read it" in visitor.choose("same", pair="1-2")
    assert visitor.status == 403
    assert verdicts(desk) == []


def test_a_form_of_another_site_is_refused(desk: Desk, dashboard: Dashboard) -> None:
    """Without the session's token, or with another origin, nothing is decided."""
    repeated(desk)
    visitor = sign_in(desk, dashboard, "U2")
    for changed in (
        {"token": ""}, {"token": "x" * 32}, {"token": "é"}, {"origin": "https://evil.example"},
    ):  # fmt: skip
        visitor.get("/review")
        visitor.choose("same", **changed)
        assert visitor.status == 403, changed
        assert verdicts(desk) == [], changed


def test_another_persons_token_is_of_no_use(desk: Desk, dashboard: Dashboard) -> None:
    """The token of a form belongs to one session."""
    repeated(desk)
    mine, theirs = (sign_in(desk, dashboard, user) for user in ("U2", "U3"))
    mine.get("/review")
    theirs.get("/review")
    theirs.choose("same", token=mine.field("token"))
    assert theirs.status == 403


def test_a_forged_old_or_misused_cookie_is_no_session(desk: Desk, dashboard: Dashboard) -> None:
    """A changed cookie, one of a sign-in, and one that has expired lead to the sign-in."""
    visitor = sign_in(desk, dashboard, "U2")
    name, good = dashboard.cookies.session_name, visitor.cookies[dashboard.cookies.session_name]
    begun = Visitor(dashboard)
    begun.get("/sign-in")
    for bad in ("", "x", good[:-4] + "AAAA", begun.cookies[dashboard.cookies.sign_in_name]):
        visitor.cookies[name] = bad
        visitor.get("/")
        assert visitor.status == 401
    visitor.cookies[name] = good
    visitor.get("/")
    assert visitor.status == 200
    desk.clock.advance(SESSION_SECONDS + 1)
    visitor.get("/")
    assert visitor.status == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Desk, dashboard: Dashboard) -> None:
    """It is HttpOnly, SameSite and Secure, with the prefix that binds it to this host."""
    visitor = sign_in(desk, dashboard, "U2")
    kept = [value for name, value in visitor.headers if name == "Set-Cookie"][-1]
    assert kept.startswith("__Host-deja=")
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(kept.split("; "))


def test_an_identity_token_for_something_else_is_refused(desk: Desk, dashboard: Dashboard) -> None:
    """Nonce, app, issuer, time, team and user of the token are checked."""
    wrong: tuple[dict[str, object], ...] = (
        {"nonce": "another"},
        {"aud": "another app"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": "never"},
        {"https://slack.com/team_id": "T2"},
        {"https://slack.com/user_id": ""},
    )
    for claims in wrong:
        visitor = sign_in(desk, dashboard, "U2", **claims)
        assert visitor.status == 403, claims
        assert dashboard.cookies.session_name not in visitor.cookies, claims


def test_a_sign_in_that_another_browser_began_is_refused(desk: Desk, dashboard: Dashboard) -> None:
    """The state that Slack sends back must be the one of this browser."""
    visitor = sign_in(desk, dashboard, "U2", nonce="another")
    for query in ("?code=code&state=forged", "?code=code", "?state=x", "", "?error=access_denied"):
        visitor.get(f"/sign-in/done{query}")
        assert visitor.status == 403


def test_markup_in_tickets_is_text(desk: Desk, dashboard: Dashboard) -> None:
    """A title with tags is shown as it is typed, and no page may run a script of its own."""
    repeated(desk, SCRIPT)
    visitor = sign_in(desk, dashboard, "U2")
    for path in ("/", "/review", "/review?said=<script>&last=<b>"):
        visitor.get(path)
        assert "<script>alert" not in visitor.page
        assert "<img src=x" not in visitor.page
        assert "default-src 'none'" in dict(visitor.headers)["Content-Security-Policy"]
        assert dict(visitor.headers)["Cache-Control"] == "no-store"
    assert "alert(1)" in visitor.page


def test_health_is_for_administrators(desk: Desk, dashboard: Dashboard) -> None:
    """Whoever is no administrator finds neither the page nor a link to it."""
    desk.slack.users["UADMIN"] = {"is_admin": True}
    admin, other = (sign_in(desk, dashboard, user) for user in ("UADMIN", "U2"))
    assert "Nothing learned yet" in admin.get("/health")
    assert 'href="/health"' not in other.get("/")
    other.get("/health")
    assert other.status == 404


def test_a_direct_message_is_no_channel(desk: Desk, dashboard: Dashboard) -> None:
    """Neither on the overview nor on the page about health."""
    desk.slack.users["UADMIN"] = {"is_admin": True}
    repeated(desk)
    with desk.services.database.write() as session:
        save_channel(session, desk.workspace_id, ChannelFacts("D9", name="dm-with-mei"))
    admin = sign_in(desk, dashboard, "UADMIN")
    for path in ("/", "/health"):
        assert "dm-with-mei" not in admin.get(path)
        assert "c1" in admin.page


def test_who_left_the_workspace_is_out_at_once(desk: Desk, dashboard: Dashboard) -> None:
    """What somebody may read is asked at each request: an open session does not help."""
    repeated(desk)
    visitor = sign_in(desk, dashboard, "U2")
    desk.slack.users["U2"] = {"deleted": True}
    assert PRINTER not in visitor.get("/")


def test_on_this_machine_nobody_signs_in(desk: Desk, local: Visitor) -> None:
    """The pages are there at once, and decisions have the name of whoever works here."""
    repeated(desk)
    assert PRINTER in local.get("/")
    local.get("/review")
    local.choose("no")
    assert verdicts(desk) == [("distinct", "ann")]


def test_a_skipped_pair_makes_room(desk: Desk, local: Visitor) -> None:
    """After a skip the next pair is asked about, and in the end that nothing is left."""
    repeated(desk)
    local.get("/review")
    assert "nothing to decide on" in local.choose("skip")
    assert verdicts(desk) == []


def test_a_foreign_name_that_leads_here_is_refused(desk: Desk, local: Visitor) -> None:
    """DNS rebinding: a page that has its own name lead to this machine is not answered."""
    for host in ("evil.example", "evil.example:3001", "127.0.0.1.evil.example", ""):
        local.host = host
        local.get("/")
        assert local.status == 421, host


def test_without_sign_in_only_this_machine_is_served(desk: Desk) -> None:
    """Another address is refused at the start, unless people sign in."""
    signed_in = desk.services.settings
    ensure_host(signed_in, ANYWHERE)
    with pytest.raises(SettingsError, match="this machine alone"):
        ensure_host(signed_in.model_copy(update={"web_url": None}), ANYWHERE)


@pytest.mark.parametrize("language", ["de-DE", "es-ES"])
def test_pages_are_in_the_viewers_language(desk: Desk, dashboard: Dashboard, language: str) -> None:
    """A person sees the pages in the language of their Slack."""
    desk.slack.users["U2"] = {"locale": language}
    visitor = sign_in(desk, dashboard, "U2")
    assert f'<html lang="{language[:2]}">' in visitor.get("/")
    assert "Overview" not in visitor.page
