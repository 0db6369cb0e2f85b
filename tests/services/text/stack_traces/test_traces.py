"""Errors that programs print: the root cause, and where in the application it happened."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.cleaning.compared_text import readable_text
from services.text.comparing.identifiers import contradictions, identifiers
from services.text.comparing.measures import terms_of_kind
from services.text.stack_traces.library_frames import is_in_folder, is_of_package
from services.text.stack_traces.traces import MARK, Trace, read_traces, shared_error

TRACES = tomllib.loads((Path(__file__).parent / "traces.toml").read_text(encoding="utf-8"))["trace"]
each_kind = pytest.mark.parametrize("trace", TRACES, ids=[one["of"] for one in TRACES])

CHARGE = """
Traceback (most recent call last):
  File "/srv/shop/{caller}.py", line 9, in {caller}
    charge(order)
  File "/srv/shop/{module}.py", line 42, in charge
    rate = RATES[order.country]
{error}
"""


def errors_of(text: str) -> tuple[Trace, ...]:
    """Return the errors in what is kept of a text."""
    return read_traces(readable_text(None, text)).errors


def charge(error: str = "KeyError: 'XK'", module: str = "billing", caller: str = "pay") -> str:
    """Return a trace of Python with these parts."""
    return CHARGE.format(error=error, module=module, caller=caller)


def of_another_build(text: str) -> str:
    """Return a trace as another build prints it: with other lines and addresses."""
    moved = re.sub(r"0x[0-9a-f]{5,}", lambda found: found.group()[:-3] + "abc", text)
    return re.sub(
        r"((?:line |Zeile |:|\())(\d{1,4})\b(?![.\d])",
        lambda found: found.group(1) + str(int(found.group(2)) + 7),
        moved,
    )


@each_kind
def test_the_root_cause_and_its_places_are_read(trace: dict[str, Any]) -> None:
    """Not what wrapped it, nor the frames of libraries."""
    [error] = errors_of(trace["text"])
    assert (error.error, list(error.places)) == (trace["error"], trace["places"])


@each_kind
def test_lines_and_addresses_make_no_difference(trace: dict[str, Any]) -> None:
    """What another build prints is the same error, in other words around it, too."""
    again = of_another_build(f"It happened again, this time in Lima.\n{trace['text']}\nAny ideas?")
    assert again != trace["text"]
    assert errors_of(again) == errors_of(trace["text"])
    shared = shared_error(errors_of(trace["text"]), errors_of(again))
    assert shared is not None
    assert shared[1]
    assert not contradictions(identifiers(again), identifiers(trace["text"]))


@each_kind
def test_frames_are_no_words(trace: dict[str, Any]) -> None:
    """Neither libraries nor numbers of lines count as words; the places do."""
    terms = set(terms_of_kind(readable_text(None, trace["text"]), "ticket"))
    assert not terms & {"frameworkservlet", "packages", "gems", "1478", "rustc"}
    assert set(terms_of_kind(trace["places"][0], "ticket")) <= terms
    assert any(term.startswith(MARK) for term in terms)


def test_another_way_to_the_same_place_is_the_same_error_all_the_same() -> None:
    """It is told apart from one that is called the same way."""
    ours, theirs = errors_of(charge()), errors_of(charge(caller="renew"))
    shared = shared_error(ours, theirs)
    assert shared is not None
    assert (str(shared[0]), shared[1]) == ("KeyError in billing.charge", False)


@pytest.mark.parametrize(
    "other",
    [charge(module="shipping"), charge(error="TypeError: 'XK'"), charge("shop.Declined: no")],
)
def test_the_same_type_elsewhere_is_another_error(other: str) -> None:
    """And so is another type at the same place: these contradict each other."""
    assert shared_error(errors_of(charge()), errors_of(other)) is None
    [found] = contradictions(identifiers(charge()), identifiers(other))
    assert (found.kind, found.ours) == ("error", ("KeyError in billing.charge",))


def test_one_frame_alone_needs_the_same_message() -> None:
    """A general handler raises everything; numbers in its message make no difference."""

    def raised(message: str) -> tuple[Trace, ...]:
        return errors_of(f'\n File "/shop/api.py", line 3, in call\nApiError: {message}')

    refused = raised("refused order 17")
    assert shared_error(refused, raised("refused order 99")) == (refused[0], True)
    assert shared_error(refused, raised("no answer")) == (refused[0], False)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("KeyError: 'price'", "KeyError: 'user'"),
        (
            "ModuleNotFoundError: No module named 'numpy'",
            "ModuleNotFoundError: No module named 'x'",
        ),
        ("ApiError: 404", "ApiError: 404"),
    ],
)
def test_one_frame_alone_needs_the_same_names(ours: str, theirs: str) -> None:
    """Two scripts called `main` may lack different things, and a number says nothing."""
    one, other = (
        errors_of(f'\n File "/home/{who}/main.py", line 3, in <module>\n{error}')
        for who, error in (("ann", ours), ("bo", theirs))
    )
    assert shared_error(one, other) == (one[0], False)


@pytest.mark.parametrize("file", ["timezone.js", "dropzone.min.js", "file-vendor.js"])
def test_a_name_that_ends_like_a_librarys_is_the_applications(file: str) -> None:
    """The library is `zone.js`."""
    assert not is_in_folder(f"https://shop.example.com/src/{file}")
    assert is_in_folder("https://shop.example.com/src/zone.js")


def test_what_every_start_prints_makes_no_two_crashes_the_same() -> None:
    """The errors that two logs end with differ; one that ends with the other's is no other."""
    noise = charge("FileNotFoundError: no theme", "themes", "start")
    crash, other = charge(), charge("TimeoutError: no answer", "gateway")
    ours, theirs, longer = (
        identifiers(noise + "\n\n" + rest) for rest in (crash, other, crash + "\n\n" + other)
    )
    [found] = contradictions(ours, theirs, "ticket")
    assert (found.kind, found.ours, found.theirs) == (
        "error", ("KeyError in billing.charge",), ("TimeoutError in gateway.charge",)
    )  # fmt: skip
    assert contradictions(ours, ours, "ticket") == []
    assert contradictions(ours, longer, "ticket") == []
    assert contradictions(ours, identifiers(noise), "ticket") == []


@pytest.mark.parametrize(
    "name",
    ["ch.qos.logback.core.FileAppender.append", "org.mariadb.jdbc.Statement.execute",
     "com.mongodb.client.internal.Crypt.run"],
)  # fmt: skip
def test_loggers_and_drivers_are_libraries(name: str) -> None:
    """What called them is the place."""
    assert is_of_package(name)


def test_frames_of_libraries_alone_do_not_make_the_same_error() -> None:
    """Whatever waits for an answer ends there: who called is what matters."""
    [error] = errors_of(
        "java.net.SocketTimeoutException: Read timed out\n"
        "at java.net.SocketInputStream.socketRead0(Native Method)\n"
        "at java.net.SocketInputStream.read(SocketInputStream.java:171)\n"
        "at org.apache.http.impl.io.SessionInputBufferImpl.fill(SessionInputBufferImpl.java:137)"
    )
    assert shared_error([error], [error]) == (error, False)


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\nI am at home (again).\n1. restart\n2: foo\nat 10:30 it broke\nfrom Rome:12",
        "the app says NullPointerException\nwhat is that",
        "Agenda:\n1 vpn down\n2 printer offline\n#3 order (urgent) is late",
        "meet me\nat Acme(Berlin)\nuser@example.com:22",
        "21944: Use std::size in Sea\n21944: Use std::size in SeaMonkey\nIt has been there since.",
    ],
)
def test_prose_has_no_errors(text: str) -> None:
    """Lists, addresses and the mere name of an error."""
    assert errors_of(text) == ()
    assert read_traces(text).rest == text


@given(st.text(alphabet='at #0123:()@./<>$\n"FileErrorpanic, in', max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    """Nothing fails, and what has no errors stays as it is."""
    read = read_traces(text)
    assert read.errors or read.rest == text


@pytest.mark.parametrize("piece", ["at a.b(", "#0 a::b<", "1: <a as ", "at a ", "Caused by: a."])
def test_long_lines_take_no_longer(piece: str) -> None:
    """Whatever is repeated in them."""
    started = time.process_time()
    read_traces("\n".join([piece * 120, piece, piece * 120, "at a.b(C.java:1)"] * 20))
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 40_000,
        "a" * 40_000,
        "en " + "a." * 20_000,
        "@/" * 20_000,
        f"main.f()\n{'a.' * 20_000}.go:1",
        f'File "{"a." * 480}", line 1, in f\n' * 40,
    ],
)
def test_long_texts_take_no_longer(text: str) -> None:
    """Of few lines or of many."""
    started = time.process_time()
    read_traces(f"{text}\nat a.b(C.java:1)")
    assert time.process_time() - started < 1
