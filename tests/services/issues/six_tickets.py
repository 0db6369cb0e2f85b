"""Six tickets, decisions on pairs of them, and the groups that they should give."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.wiring import Services
from models import Workspace
from services.issues.groups import Group, all_groups, connected, groups_of
from services.issues.verdicts import DECISIONS, decide, verdicts_by_pair
from tests.remembering import START, remember, ticket

NAMES = "abcdef"


def store_six_tickets(services: Services, workspace: Workspace) -> dict[str, int]:
    """Store six tickets, the latest written first, and return their ids by name."""
    items = [ticket(name, f"ticket {name}", minutes=9 - n) for n, name in enumerate(NAMES)]
    saved = remember(services, workspace, items)
    return {name: one.item_id for name, one in zip(NAMES, saved, strict=True)}


def decide_all(
    services: Services, workspace: Workspace, ids: dict[str, int], *verdicts: str
) -> None:
    """Decide on pairs, written `a=b` (duplicate), `a~b` (related) or `a!b` (distinct)."""
    words = {"=": DECISIONS[0], "~": DECISIONS[1], "!": DECISIONS[2]}
    with services.database.write() as session:
        for one in verdicts:
            pair = (ids[one[0]], ids[one[2]])
            decide(session, workspace.id, pair, words[one[1]], by="U1", now=START)


def group_names(services: Services, workspace: Workspace, ids: dict[str, int]) -> list[str]:
    """Return each group as its members' names in one word, the root first."""
    names = {item_id: name for name, item_id in ids.items()}
    with services.database.read() as session:
        groups = all_groups(session, workspace.id)
        for group in groups:
            assert set(groups_of(session, group.members).values()) == {group}
            assert connected(session, group.members[:1]) >= set(group.members)
    return ["".join(names[item_id] for item_id in group.members) for group in groups]


def check_groups(session: Session, workspace: Workspace, ids: dict[str, int]) -> list[Group]:
    """Compare the groups with those of a plain merge of the current duplicates."""
    current = verdicts_by_pair(session)
    group_of = {item_id: {item_id} for item_id in ids.values()}
    for (a, b), verdict in current.items():
        if verdict == "duplicate" and group_of[a] is not group_of[b]:
            group_of[a] |= group_of[b]
            for member in group_of[b]:
                group_of[member] = group_of[a]
    groups = all_groups(session, workspace.id)
    expected = {frozenset(group) for group in group_of.values() if len(group) > 1}
    assert {frozenset(group.members) for group in groups} == expected
    assert sum(len(group.members) for group in groups) == sum(map(len, expected))
    in_order = [ids[name] for name in reversed(NAMES)]
    for group in groups:
        assert group.members == tuple(one for one in in_order if one in group.members)
        assert group.root_id == group.members[0]
    for (a, b), verdict in current.items():
        assert verdict != "distinct" or group_of[a] is not group_of[b]
    assert groups_of(session, ids.values()) == {
        member: group for group in groups for member in group.members
    }
    return groups
