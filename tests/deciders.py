"""People who decide on the similar tickets that a channel's answers mention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.wiring import Services
from models import Answer, Channel, ShownMatch
from services.issues.verdict_rules import Decision
from services.issues.verdicts import decide
from services.judgement.bands import Band
from services.judgement.caution import Caution, caution_of
from services.memory.new_items import NewItem
from tests.remembering import START

MINUTE = timedelta(minutes=1)


@dataclass
class Deciders:
    """Those who decide in a channel, a minute after the other, each answer before the next."""

    services: Services
    channel: Channel
    minutes: int = 0

    def decide(self, decision: Decision, times: int, band: Band = "similar") -> None:
        """Let some answers mention a ticket each, and somebody decide on it."""
        workspace_id = self.channel.workspace_id
        for _ in range(times):
            self.minutes += 1
            now = START + self.minutes * MINUTE
            items = [
                NewItem("import", text, text=text, created_at=now)
                for text in (f"before {self.minutes}", f"after {self.minutes}")
            ]
            prepared = self.services.items.prepare(workspace_id, items)
            with self.services.database.write() as session:
                saved = self.services.items.save(session, workspace_id, prepared, now)
                earlier, later = (one.item_id for one in saved)
                match = ShownMatch(item_id=earlier, position=0, similarity=0.8, band=band)
                session.add(
                    Answer(
                        item_id=later,
                        channel_id=self.channel.id,
                        thread_ts=f"{self.minutes}.0",
                        created_at=now,
                        matches=[match],
                    )
                )
                session.flush()
                decide(session, workspace_id, (later, earlier), decision, by="U1", now=now)

    @property
    def caution(self) -> Caution:
        """The channel's caution now."""
        with self.services.database.read() as session:
            return caution_of(session, session.get_one(Channel, self.channel.id))
