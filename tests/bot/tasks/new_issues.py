"""A bot whose people may open issues in a tracker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from bot.tasks.source_polls import poll_jobs
from models import Connection, CreatedIssue, Workspace
from services.sources.connections import add_connection
from tests.serving import Desk, buttons, words
from tests.trackers.github import REPOSITORY, GitHubStandIn
from tests.trackers.server import Json

PRINTER = "printer prints blank pages after the firmware update"


@dataclass
class Tracked:
    """A bot whose people may open issues in a repository, and a ticket with an answer."""

    desk: Desk
    github: GitHubStandIn
    ts: str = ""

    def card(self) -> Json:
        """Report a problem twice, and return the card in the thread of the second report."""
        self.desk.ticket("C1", PRINTER)
        self.desk.drain()
        self.ts = self.desk.ticket("C1", PRINTER, user="U5")
        return self.desk.answers("C1", self.ts)[0]

    def open_form(self, user: str = "U2", channel: str = "C1", value: str = "") -> str:
        """Press the button, and return the form's id."""
        item = value or buttons(self.card())["issue"]
        known = set(self.desk.slack.views)
        self.desk.choose(channel, "issue", item, user=user)
        self.desk.drain()
        [view_id] = set(self.desk.slack.views) - known
        return view_id

    def submit(self, view_id: str, user: str = "U2", **changed: Any) -> None:
        """Send the form, as it is shown but for what is changed, and do what follows."""
        self.submit_only(view_id, user, **changed)
        self.desk.drain()

    def submit_only(self, view_id: str, user: str = "U2", **changed: Any) -> None:
        """Send the form."""
        shown = {
            block["block_id"]: block["element"]
            for block in self.desk.slack.views[view_id]["blocks"]
            if block["type"] == "input"
        }
        state: dict[str, Any] = {
            "place": {"selected_option": shown["place"]["initial_option"]},
            "title": {"value": shown["title"]["initial_value"]},
            "text": {"value": shown["text"]["initial_value"]},
        }
        self.desk.submit(view_id, state | changed, user=user)

    def poll(self) -> None:
        """Read what has changed in the tracker."""
        self.desk.clock.advance(301)
        self.desk.enqueue(
            *poll_jobs(self.desk.services, self.desk.workspace_id, self.desk.clock.now)
        )
        self.desk.drain()

    def rows(self) -> list[CreatedIssue]:
        """Return the issues that were created."""
        with self.desk.services.database.read() as session:
            return list(session.scalars(select(CreatedIssue)))

    def said(self) -> str:
        """Return the bot's last message in the thread."""
        return words(self.desk.answers("C1", self.ts)[-1])


def connect(desk: Desk, tracker: GitHubStandIn, *, channel: str | None = None) -> None:
    """Add the repository as a source in which issues may be opened."""
    with desk.services.database.write() as session:
        workspace = session.get_one(Workspace, desk.workspace_id)
        add_connection(
            session, workspace, kind="github", account=REPOSITORY, address=tracker.address,
            scope=REPOSITORY, channel=channel, now=desk.clock.now,
        )  # fmt: skip
        session.execute(update(Connection).values(creates_issues=True))
