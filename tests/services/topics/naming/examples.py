"""Tickets about a printer and a VPN, and labels for topics."""

from __future__ import annotations

import numpy as np

PRINTER = [
    "The office printer is jammed again.", "My office printer prints blank pages",
    "Can somebody look at the office printer?",
]  # fmt: skip
VPN = [
    "I can't connect to the VPN client.", "The VPN client asks for my password",
    "Since today the VPN client fails with E-1042",
]  # fmt: skip


def labels(*sizes: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return labels of topics of these sizes, whose tickets follow one another."""
    return np.repeat(np.arange(len(sizes)), sizes)
