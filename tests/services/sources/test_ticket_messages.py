"""What is read of a message."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InputError
from services.sources.ticket_messages import MAX_TICKETS, read_tickets


@pytest.mark.parametrize(
    "body",
    [
        '{"id": 7, "title": "x"}',
        '[{"id": "7", "title": "x"}]',
        '{"tickets": [{"id": 7, "title": "x"}]}',
    ],
)
def test_one_ticket_or_a_list(body: str) -> None:
    """A number and its digits are the same id."""
    assert read_tickets(body.encode()) == [{"id": "7", "title": "x"}]


def test_later_tickets_of_an_id_change_earlier_ones() -> None:
    """One without words keeps those before; one with words replaces the ticket."""
    first, closing = {"id": "7", "title": "x"}, {"id": "7", "status": "closed", "answer": "y"}
    assert read_tickets(json.dumps([first, closing]).encode()) == [first | closing]
    assert read_tickets(json.dumps([closing, first]).encode()) == [first]
    gone = {"id": "7", "deleted": True}
    assert read_tickets(json.dumps([first, gone]).encode()) == [gone]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"id": NaN}', "not JSON"),
        (b"7", "ticket 1 is not an object"),
        (b'{"tickets": {"7": {}}}', "ticket 1, id: Field required"),
        (b"{}", "ticket 1, id: Field required"),
        (b'[{"id": "7"}, {"id": null}]', "ticket 2, id"),
        (b'{"id": true}', "id"),
        (b'{"id": " "}', "id: must have 1 to 255"),
        (b'{"id": "\\u0000"}', "id: must have 1 to 255"),
        (b'{"id": "' + b"x" * 256 + b'"}', "id: must have 1 to 255"),
        (b'{"id": 1, "title": ["x"]}', "title"),
        (b'{"id": 1, "deleted": "no"}', "deleted"),
        (b'{"id": 1, "weight": 1e999}', "too large"),
        (b'{"id": 1, "x": ' + b"[" * 30 + b"]" * 30 + b"}", "nested"),
        (json.dumps([{"id": n} for n in range(MAX_TICKETS + 1)]).encode(), "100 at most"),
    ],
)
def test_what_is_no_ticket_is_refused_in_words(body: bytes, reason: str) -> None:
    """The reason names the ticket and the field, in one line."""
    with pytest.raises(InputError, match=reason) as caught:
        read_tickets(body)
    assert "\n" not in str(caught.value)


_NAMES = st.sampled_from(["id", "title", "text", "deleted", "x"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner),
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    """No input is an error of the program."""
    try:
        tickets = read_tickets(json.dumps(value).encode())
    except InputError:
        return
    json.dumps(tickets, allow_nan=False).encode("utf-8")
