"""Identifiers: what forbids that two texts of the same words are the same issue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.comparing.identifiers import contradictions, identifiers, shared_identifiers

texts = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["not", "error 502", "0x80070005", "v2.4.1", "version 3", "windows", "ios", "disable",
             "enable", "the printer", "PS-LX350H", "12:30", "10.0.0.1", "can't", "プリンター 12.1"]
        ),
        max_size=8,
    ).map(" ".join),
)  # fmt: skip


def kinds(ours: str, theirs: str, kind: str = "ticket") -> list[str]:
    """Return the kinds of what contradicts."""
    return [one.kind for one in contradictions(identifiers(ours), identifiers(theirs), kind)]


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        ("Login fails with error 502", "login fails: HTTP 404", "code"),
        ("Update stops at 0x80070005", "Update stops at 0x800F0922", "code"),
        ("ERR_CONNECTION_RESET at checkout", "ERR_NAME_NOT_RESOLVED at checkout", "code"),
        ("crash since 2.4.1", "crash since v2.4.2", "version"),
        ("crash on iOS 17", "crash on iOS 18", "version"),
        ("crash on Windows 10", "crash on Windows 11", "version"),
        ("the import fails with E-4711 here", "the import fails with E-4712 here", "code"),
        ("crash in version 2.674", "crash in version 2.675", "version"),
        ("I can log in with SSO", "I can't log in with SSO", "polarity"),
        ("I can log in with SSO", "I can´t log in with SSO", "polarity"),
        ("how do I enable the alarm", "how do I disable the alarm", "polarity"),
        ("die Rechnung ist da", "die Rechnung ist nicht da", "polarity"),
        ("my parcel has arrived at home", "my parcel hasn`t arrived at home", "polarity"),
        ("please turn on the hall lights", "turn the hall lights off please", "direction"),
        ("I cannot log in to the portal", "I cannot log out of the portal", "direction"),
        ("send files from Mac to Windows", "send files from Windows to Mac", "direction"),
        ("the page shows error ５０２", "the page shows error 504", "code"),
    ],
)
def test_what_differs_forbids(ours: str, theirs: str, kind: str) -> None:
    """Other codes, versions, denials and directions are other issues."""
    assert kinds(ours, theirs) == [kind]


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        ("paper jam in the HL-L2350DW", "paper jam in the MFC-L2710", "product"),
        ("a charger for my iPhone", "a charger for Android", "platform"),
    ],
)
def test_tickets_name_other_things_beside_their_matter(ours: str, theirs: str, kind: str) -> None:
    """Another model or platform is another product, but not necessarily another issue."""
    assert kinds(ours, theirs) == []
    assert kinds(ours, theirs, "product") == [kind]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("login fails with error 502", "I cannot log in any more"),
        ("error 502 and error 504", "error 504"),
        ("version 3 crashes", "crash in 3.2.1"),
        ("version 3.0", "version 3"),
        ("sony turntable PS-LX350H", "sony ps lx350h turntable"),
        ("it failed on 2026-11-23 at 12:30", "it failed on 2026-10-01 at 09:15"),
        ("10.0.0.1 does not answer", "10.0.0.2 does not answer"),
        ("the invoice of 3 users is wrong", "the invoice of 5 users is wrong"),
        ("the 2nd page is blank", "the 3rd page is blank"),
        ("printer not found", "why is everything so slow today"),
        (" ".join(f"0x8007{n:04}" for n in range(20)), "0x80071234"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:91.0) Gecko", "Mozilla/5.0 (Macintosh) Safari/604.1"),
        ("", "error 502"),
        ("redirect to ?u=%3A2F2Fshop12345", "redirect to ?u=%3A2F2Fmail67890"),
        ("upload fails, build 20131118030203", "upload fails, build 20140102101112"),
        ("upload fails in build-88123", "upload fails, build id 90417"),
        ("the sum of A1:B20 is wrong", "the sum of C3:D44 is wrong"),
        ("cannot write /tmp/abc123/x9z88", "cannot write /var/tmp/dfe456/y7k21"),
        ("cannot write tmpc374uv", "cannot write tmp12gn5x"),
        (r"cannot open C:\Users\k12345\a.txt", r"cannot open C:\Users\m67890\a.txt"),
        ("broken since commit faf05090972e", "broken since commit 872a59104dec"),
        ("segfault at 0x00007f5007bd4800", "segfault at 0x00000df56fb6d50d"),
        ("the score is 0.674 today", "the score is 0.652 today"),
        ("it takes 2.4 s to load", "it takes 3.1 s to load"),
        ("my account is locked", "please unlock my account"),
        ("Send me a physical card", "How do I receive my physical card"),
    ],
)
def test_what_need_not_differ_does_not_forbid(ours: str, theirs: str) -> None:
    """Silence, a closer name, dates, addresses, counts, paths and logs contradict nothing."""
    assert kinds(ours, theirs, "product") == []
    assert kinds(ours, theirs) == []


def test_what_both_name_is_found() -> None:
    """Codes, versions, products and systems in both texts are evidence for the same issue."""
    ours = identifiers("Error 0x80070005 on Windows 11 with the HL-L2350DW")
    theirs = identifiers("hl-l2350dw: 0x80070005, Windows 11.0")
    assert shared_identifiers(ours, theirs) == ["0x80070005", "11", "hll2350dw", "windows"]


@given(texts, texts)
def test_contradictions_are_mutual(ours: str, theirs: str) -> None:
    """Who is compared with whom does not matter, and no text contradicts itself."""
    one, other = identifiers(ours), identifiers(theirs)
    there, back = contradictions(one, other), contradictions(other, one)
    assert [(c.kind, c.ours, c.theirs) for c in there] == [(c.kind, c.theirs, c.ours) for c in back]
    assert contradictions(one, one) == []
    assert set(shared_identifiers(one, other)) == set(shared_identifiers(other, one))


def test_a_huge_text_is_read() -> None:
    """A log of 200,000 characters is read once, whatever it repeats."""
    for piece in ("a1-", "error ", "1.", "mozilla/5", "0x", "n't "):
        assert identifiers(piece * (200_000 // len(piece))).codes is not None
