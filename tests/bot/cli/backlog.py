"""A backlog about three subjects for the command line, and helpers that read its output."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.remembering import START

SUBJECTS = {
    "printer": (
        "The printer on the third floor prints blank pages",
        "Printer jams whenever I print on both sides",
        "My printouts have grey stripes since the new toner",
        "Cannot print a PDF, the printer says out of memory",
        "The printer is offline again for all of us",
        "How do I print in colour on the big printer?",
    ),
    "vpn": (
        "VPN disconnects every hour when I work from home",
        "The VPN client asks for my password again and again",
        "No access to file shares over the VPN",
        "VPN is so slow that calls break off",
        "Cannot install the VPN client on my new laptop",
        "VPN says certificate expired",
    ),
    "invoice": (
        "The invoice shows the wrong amount of VAT",
        "I was charged twice on my last invoice",
        "Please send the invoice to our accounting department",
        "The address on our invoices is outdated",
        "When is this invoice due for payment?",
        "Refund for an invoice that was paid by mistake",
    ),
}


Run = Callable[..., Result]


def with_tickets(run: Run, folder: Path, texts: Sequence[str]) -> Run:
    """Import texts as tickets `T-0` and so on, a second apart; return the command line."""
    file = folder / "tickets.jsonl"
    lines = [
        {"id": f"T-{number}", "text": text, "created": START.timestamp() + number}
        for number, text in enumerate(texts)
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    assert run("import", str(file)).exit_code == 0
    return run


def lines(result: Result) -> list[Any]:
    """Return the JSON lines of a command that succeeded."""
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def listed(run: Run) -> list[dict[str, Any]]:
    """Return the listed topics."""
    return lines(run("topics", "list", "--json"))[:-1]
