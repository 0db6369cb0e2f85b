from models import Workspace
from bot.wiring import Deja


def test_smoke(deja: Deja, workspace: Workspace) -> None:
    """It starts."""
    assert workspace.id
