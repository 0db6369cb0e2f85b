"""Comments that say where a ticket goes on are no answers."""

from __future__ import annotations

import pytest

from services.intake.importers.replies.answer_choice import choose_answer, is_answer_text
from services.intake.importers.replies.reply_lists import TicketReply

ADVICE = "Restart the spooler, then it prints again."
POINTERS = [
    'This request was closed and merged into request #123 "Printer jams".',
    'Request #12 "Printer jams" was closed and merged into this request. Last comment in request'
    " #12:\n\nThe printer still jams after I changed the toner and restarted it.",
    "Requests #12, #13 were closed and merged into this request.",
    'Die Anfrage Nr. 12 "Drucker" wurde geschlossen und mit dieser Anfrage zusammengeführt.',
    'Diese Anfrage wurde geschlossen und in Anfrage Nr. 13 "Drucker" zusammengeführt.',
    'Esta solicitud se cerró y fusionó con la solicitud n.º 13 "Impresora".',
    'La solicitud n.º 12 "Impresora" se cerró y fusionó en esta solicitud.',
    "Duplicate of #12", "Duplicate of SD-12, please follow that issue.", "Duplikat von WEB-3",
    "Duplicado de WEB-3", "Closing as a duplicate, see https://tracker.example/issues/3",
    "This ticket has been merged into ticket #40.", "Merged into SD-44: Printer jams",
    "Fusionado con el ticket 44", "This conversation was merged into another conversation",
    "This issue has been automatically marked as stale because it has not had recent activity. It"
    " will be closed if no further activity occurs. Thank you for your contributions.",
    "Reopened because the customer replied.", "Linked to problem ticket #300.",
    "Merged into SD-3 because release 4.2.1 fixes it for both",
    "Duplicate of #12, which also changes the .env file and restarts the service",
    "Merged into request 12, see www.example.com/status for updates",
    'Request #12 "Update to 4.2.1 fails!" was closed and merged into this request. Last comment in'
    " request #12:\n\nIt fails after I restarted it.",
    "Reopened", "Reopened #12", "Reopened: the update failed again",
    "Reopened this, it fails again", "I reopened the case as the fix did not help",
    "Linked to SD-12, restart fails",
    "Linked to the known problem, follow it", "Linked with INC0012345",
    "Linked to #12: reset fails",
]  # fmt: skip


@pytest.mark.parametrize("text", POINTERS)
def test_a_pointer_answers_nothing(text: str) -> None:
    """Although it is the last public reply; what the team said before it may be the answer."""
    replies = [TicketReply(ADVICE, "Ira", True), TicketReply(text, "Ira", True)]
    assert choose_answer(replies, "closed") == ADVICE
    assert choose_answer(replies[1:], "closed") is None


@pytest.mark.parametrize(
    "text",
    [
        f"This is the same as #12: {ADVICE}", f"Duplicate of #12. {ADVICE}",
        "The two accounts were merged: sign in with the new address.",
        "Merge the two branches, then run the import again.",
        "It was a duplicate entry in the table; delete the second row and save.",
        "The duplicate of the file was removed, the import works now.",
        "The fix was merged, update to 2.4 and restart the service.",
        "The fix was merged in #123, update to 2.4 and restart the service.",
        "The hotfixes were merged with #123, update and restart the service.",
        "Reopened the port on the firewall, it works now.",
        "I reopened the mailbox, sign in again.",
        "Reopened port 443, the import runs again.",
        "Linked to the new profile, works now.",
        "Linked with the right account 1234, restart the app.",
        "The two accounts were merged in the case of your colleague, delete the old one.",
        "The duplicates were merged in this case, sign in with the new address.",
        "In diesem Fall haben wir die Konten zusammengeführt, bitte neu anmelden.",
        "La cuenta se fusionó en este caso, reinicie la sesión.",
        "Patch merged in https://code.example/pull/12: run the update and restart the service.",
    ],
)  # fmt: skip
def test_an_answer_may_speak_of_what_was_merged(text: str) -> None:
    """Or say after it what to do."""
    assert is_answer_text(text)
