from bot.wiring import Deja
from models import Workspace


def test_smoke(deja: Deja, workspace: Workspace) -> None:
    """It starts."""
    assert workspace.id
