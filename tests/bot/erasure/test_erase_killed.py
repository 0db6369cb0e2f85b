"""`deja erase` killed in the middle (SIGKILL): it is gone on with, and the end is proved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from sqlalchemy import func, select, update

from bot.wiring import Services
from models import Item, Workspace
from services.erasure.leftovers import leftovers
from tests.remembering import channel, remember, ticket

TICKETS, PATIENCE = 1_500, 60.0


def _deja(services: Services, *words: str) -> subprocess.Popen[str]:
    settings = services.settings
    environment = {
        **os.environ,
        "DEJA_DATA_DIR": str(settings.data_dir),
        "DEJA_DATABASE_URL": settings.database_url.get_secret_value(),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.deja_hashing", *words],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _left(services: Services) -> int:
    with services.database.read() as session:
        return session.scalar(select(func.count(Item.id)).where(Item.text != "")) or 0


def test_an_erasure_that_is_killed_goes_on_and_is_proved(
    services: Services, workspace: Workspace
) -> None:
    """The rest is erased, and what was erased before the kill is looked into as well."""
    place = channel(services, workspace, "C1")
    texts = [f"the zebra {n} eats violet cable number {n * n}" for n in range(TICKETS)]
    remember(
        services, workspace,
        [ticket(str(n), text, channel_id=place.id) for n, text in enumerate(texts)],
    )  # fmt: skip
    with _deja(services, "erase", "--channel", "name-C1", "--yes") as killed:
        end = time.monotonic() + PATIENCE
        while _left(services) == TICKETS and time.monotonic() < end and killed.poll() is None:
            time.sleep(0.002)
        killed.kill()
    assert 0 < _left(services) < TICKETS
    with _deja(services, "erase", "--resume", "--json") as resumed:
        output, errors = resumed.communicate(timeout=PATIENCE)
    assert resumed.returncode == 0, errors
    assert json.loads(output) == {"finished": [1], "found_in": [{}]}
    assert _left(services) == 0
    with services.database.write() as session:  # the proof finds what an erasure left
        first = session.scalar(select(func.min(Item.id)))
        session.execute(update(Item).where(Item.id == first).values(title="the zebra 0"))
        assert leftovers(session, 1) == {"items": 1}
