"""Blobs are not compared, and a log counts once."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.cleaning.compared_text import readable_text
from services.text.cleaning.machine_text import without_machine_text

NOISE = random.Random(7).randbytes(400)
BASE64 = base64.b64encode(NOISE).decode()
WRAPPED = base64.encodebytes(NOISE).decode()
DUMP = "\n".join(
    f"{at:08x}: {NOISE[at : at + 16].hex(' ', 2)}  ................" for at in range(0, 96, 16)
)
MINIFIED = "!function(e,t){var n=e.a;for(;n<t;)n+=e.b(n),t=n?1:0}(window,42);" * 8
# Header and payload of a web token, and its signature.
TOKEN = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"4711","name":"Ann"}', NOISE[:32])
)


@pytest.mark.parametrize("blob", [BASE64, WRAPPED, DUMP, MINIFIED, NOISE.hex(), TOKEN])
def test_blobs_are_cut(blob: str) -> None:
    """Base64, hex dumps and minified code leave the words around them."""
    text = f"The upload of the invoice fails:\n{blob}\nSince the update."
    left = without_machine_text(text).split()
    assert left == "The upload of the invoice fails: Since the update.".split()  # noqa: SIM905


@pytest.mark.parametrize(
    "text",
    [
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz " * 4,
        "a-very-long-name-of-a-folder-with-many-words-in-it/and-a-file-2026-in-that-folder",
        "=" * 80 + "\nTotals\n" + "-" * 80,
        "1000 2024 12 11 10 09 08\n2000 2025 13 12 11 10 09",
        "プリンターが動かない。" * 60,
        "For months, the reader (bay 4; door 3) has failed: it beeps, blinks, and stops. " * 8,
    ],
)
def test_text_that_only_looks_like_a_blob_stays(text: str) -> None:
    """Long words, paths, rulers, tables of numbers and other scripts are no blobs."""
    assert without_machine_text(text) == text


def test_log_lines_are_folded_by_template() -> None:
    """Lines that differ in times, numbers and ids count once; codes tell them apart."""
    log = "\n".join(
        [
            *(
                f"2026-05-0{day} 10:11:1{day},12{day} ERROR job {day}7 took {day}1ms"
                for day in "123"
            ),
            "2026-05-04 10:11:14 ERROR E4411 gateway 503",
            "2026-05-05 10:11:15 ERROR E4412 gateway 503",
            "2026-05-05 10:11:15 ERROR E4412 gateway 504",
        ]
    )
    assert without_machine_text(f"Payments fail\n{log}\nAny idea?").split("\n") == [
        "Payments fail",
        "ERROR job 17 took 11ms",
        "ERROR E4411 gateway 503",
        "ERROR E4412 gateway 503",
        "ERROR E4412 gateway 504",
        "Any idea?",
    ]


def test_two_reports_with_other_blobs_are_compared_by_their_words() -> None:
    """What differs in nothing but a blob is the same to the model."""
    one, other = (base64.b64encode(random.Random(n).randbytes(200)).decode() for n in (1, 2))
    texts = {readable_text(None, f"Token refused:\n{blob}\nin the portal") for blob in (one, other)}
    assert len(texts) == 1


@given(st.text("abf019 =+/-_:\n.{}(;", max_size=700))
def test_any_text_can_be_cleaned(text: str) -> None:
    """No text makes it fail, and nothing is made up."""
    assert len(without_machine_text(text)) <= len(text)
