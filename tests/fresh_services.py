"""Services on a new SQLite file, for properties whose examples share one database."""

from __future__ import annotations

from pathlib import Path

import migrations
from bot.settings import Settings
from bot.wiring import Services, build
from models import Database, Workspace
from tests.hashing import HashingEmbedder
from tests.remembering import START


def fresh_services(folder: Path) -> tuple[Services, Workspace]:
    """Return services with an empty workspace, on SQLite in a folder."""
    settings = Settings.from_mapping({"DEJA_DATA_DIR": str(folder)})
    database = Database.connect(settings.database_url.get_secret_value())
    migrations.upgrade(database.engine)
    database.close()
    services = build(settings, HashingEmbedder())
    with services.database.write() as session:
        workspace = Workspace(team_id="T1", created_at=START)
        session.add(workspace)
    return services, workspace
