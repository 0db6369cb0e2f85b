"""Encodings: byte order marks, UTF-16, Windows code pages, and files that mix them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.importers.entries import Row
from services.intake.importers.files.encoding import detect_encoding
from tests.services.intake.importers.written_files import plan_of, read_file

WORDS = {
    "German": "Der Drucker läuft nicht, „Größe“ überprüfen – ß",
    "Spanish": "¿La contraseña caducó? Está apagada",
    "French": "L'écran s'éteint à côté, déjà vu",
    "Polish": "Drukarka nie działa, proszę o pomoc, zażółć gęślą jaźń",
    "Russian": "Принтер не работает после обновления драйвера",
    "Japanese": "プリンターが動きません。再起動しても直りません。",
    "Chinese": "打印机无法工作，请帮忙检查一下。",
}


@pytest.mark.parametrize(
    ("language", "codec"),
    [
        *((language, codec) for language in WORDS
          for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")),
        ("German", "cp1252"), ("Spanish", "cp1252"), ("French", "cp1252"), ("Polish", "cp1250"),
        ("Russian", "cp1251"), ("Japanese", "cp932"), ("Chinese", "gb18030"),
        ("German", "mac_roman"),
    ],
)  # fmt: skip
def test_text_is_read_in_its_encoding(language: str, codec: str) -> None:
    """The words come out as they were written."""
    text = WORDS[language]
    lines = ["id,text", *(f'{number},"{text} {number}"' for number in range(1, 20))]
    rows = read_file("t.csv", "\r\n".join(lines).encode(codec))
    assert [row.item.text for row in rows if isinstance(row, Row)] == [
        f"{text} {number}" for number in range(1, 20)
    ]


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        *((text, codec) for codec in ("cp850", "mac_roman") for text in (
            "Tür klemmt", "Der Schlüssel fällt heraus, größer geht nicht.", "Olvidé mi contraseña.",
            "L'imprimé est décalé à gauche, même débranché.",
        )),
        ("La conexión no funciona así, señor.", "cp850"), ("A porta não fecha, há água.", "cp850"),
    ],
)  # fmt: skip
def test_excel_writes_csv_as_dos_and_the_mac_did(text: str, codec: str) -> None:
    """A single word with a foreign letter is enough."""
    data = f"id;text\r\n1;{text}\r\n".encode(codec)
    with detect_encoding(io.BytesIO(data)).text(io.BytesIO(data)) as found:
        assert text in found.read()


def test_a_file_that_mixes_encodings_is_read_and_said_to() -> None:
    """UTF-8 with single cells in Windows-1252, as when two exports are put together."""
    data = "id,text\n1,Größe\n2,Menü\n3,Öffnen\n".encode() + "4,Gerät\n".encode("cp1252")
    rows = [row for row in read_file("t.csv", data) if isinstance(row, Row)]
    assert [row.item.text for row in rows] == ["Größe", "Menü", "Öffnen", "Gerät"]
    assert plan_of("t.csv", data).table.warnings == (
        "1 bytes are in Windows-1252, the rest is in UTF-8",
    )


def test_stray_zero_bytes_make_no_utf_16() -> None:
    """Not even where they are many: a table in UTF-16 has them in its first line."""
    data = b"id,text\r\n" + b"\x00,a\r\n" * 8
    assert detect_encoding(io.BytesIO(data)).codec == "utf-8"


def test_the_encoding_is_named() -> None:
    """People are told what was found."""
    names = [detect_encoding(io.BytesIO(data)).name for data in (
        b"a", "ä".encode("utf-8-sig"), "a".encode("utf-16"), "Gr\xf6\xdfe".encode("cp1252"),
    )]  # fmt: skip
    assert names == ["UTF-8", "UTF-8", "UTF-16", "Windows-1252"]


@given(st.binary(max_size=200))
def test_any_bytes_have_an_encoding(data: bytes) -> None:
    """Whatever is found can be used, and nothing is raised."""
    encoding = detect_encoding(io.BytesIO(data))
    with encoding.text(io.BytesIO(data)) as text:
        text.read()


def test_as_many_letters_in_both_encodings_are_read_in_both() -> None:
    """Letters of UTF-8 are several bytes that hardly any text of Windows-1252 has in a row."""
    data = "id,title\n1,Café closed\n".encode() + "2,Müller login\n".encode("cp1252")
    rows = [one for one in read_file("t.csv", data) if isinstance(one, Row)]
    assert [row.item.title for row in rows] == ["Café closed", "Müller login"]
