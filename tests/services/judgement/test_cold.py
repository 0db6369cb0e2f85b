"""The rule for a new team: what is called a duplicate before anybody has decided anything."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.settings import Settings
from bot.tryout import sample
from bot.wiring import Services, build
from models import Workspace
from services.channels.audience import whole_workspace
from services.judgement.candidate_limits import ANSWER_LIMITS
from services.judgement.cold import CLOSE, CLOSE_LONG, CLOSE_SAME_WORDS, ColdPair
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.judgement.features import PairFeatures
from services.memory.new_items import NewItem
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.text.comparing.terms import Lexicon, terms
from services.text.slack.markup import clean_slack
from tests.databases import open_database
from tests.remembering import START, remember

PAIRS = tomllib.loads(Path(__file__).with_name("slot_pairs.toml").read_text(encoding="utf-8"))
NOTHING = PairFeatures(*[0.0] * 18)
NO_VECTORS = np.empty((0, 2), dtype=np.float32)
# Of pairs of one request in other words so many must be called; those of "later" were not known
# when the rule was made.
MIN_FOUND = 0.85
YEAR = timedelta(days=365)


def pair(
    ours: str, theirs: str, similarity: float, verbosity: float = 0.0, **features: float
) -> ColdPair:
    """Return a pair of texts of common words with a centred similarity and other features."""
    query, other = (ComparedItem.of_text(text, "ticket", NO_VECTORS) for text in (ours, theirs))
    lexicon = Lexicon(1000, 10.0, dict.fromkeys([*terms(ours), *terms(theirs)], 500))
    known = replace(NOTHING, similarity=similarity, **features)
    return ColdPair(query, other, known, similarity, verbosity, lexicon)


def test_with_the_same_picture_less_is_enough() -> None:
    """Unless the two contradict each other, are not alike, or have other numbers."""
    leaks, flood = "boiler in the cellar leaks, error 4417", "puddle below the boiler, error 4417"
    assert not pair(leaks, flood, 0.75).is_duplicate
    assert pair(leaks, flood, 0.75, same_picture=1.0).is_duplicate
    assert not pair(leaks, flood, 0.6, same_picture=1.0).is_duplicate
    assert not pair(leaks, flood, 0.75, same_picture=1.0, contradiction=1.0).is_duplicate
    assert not pair(leaks, flood, 0.75, same_picture=1.0, conflict=0.1).is_duplicate


def test_what_is_very_close_is_a_duplicate_in_other_words() -> None:
    """Less is enough for the same words, more is needed where tickets are long."""
    bought, again = "how do I buy a lamp", "how do I purchase one lamp"
    assert pair(bought, again, CLOSE).is_duplicate
    assert not pair(bought, again, CLOSE - 0.001).is_duplicate
    assert not pair(bought, again, CLOSE, 1.0).is_duplicate
    assert pair(bought, again, CLOSE_LONG, 1.0).is_duplicate
    assert not pair(bought, again, CLOSE_LONG, 1.0, title_only=0.1).is_duplicate
    moved, there = "lamp in the hall is red", "the hall lamp is red"
    assert pair(moved, there, CLOSE_SAME_WORDS).is_duplicate
    assert not pair(moved, there, CLOSE_SAME_WORDS - 0.001).is_duplicate


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("the client crashed the server", "the server crashed the client"),
        ("can I call you about the lamp", "can you call me about the lamp"),
        ("the lamp on floor two is dark", "the lamp on floor three is dark"),
        ("order 7 lamps for the hall", "order lamps for the hall"),
        ("the talk on Monday is off", "the talk on Tuesday is off"),
        ("a lamp for the kitchen", "a lamp for the hallway"),
        ("reset the password of", "reset the password of"),
        ("lamp", "lamp"),
        ("", ""),
    ],
)
def test_what_differs_forbids_however_close(ours: str, theirs: str) -> None:
    """Roles, figures, dates, places, what was taken out, and too few words."""
    assert not pair(ours, theirs, 1.0).is_duplicate


def test_contradictions_and_codes_forbid() -> None:
    """So do the features of both."""
    ours, theirs = "how do I buy a lamp", "how do I purchase a lamp"
    assert not pair(ours, theirs, 1.0, contradiction=1.0).is_duplicate
    assert not pair(ours, theirs, 1.0, conflict=0.1).is_duplicate


def test_who_is_mentioned_is_unknown() -> None:
    """ "Give @… access" twice may be about two people: only Slack knows whom it mentions."""
    one = pair("give access to the team wiki", "give access to the team wiki", 1.0)
    assert one.is_duplicate
    mentioned = replace(one.query, body="give @… access to the team wiki")
    for both in (replace(one, query=mentioned), replace(one, other=mentioned)):
        assert not both.is_duplicate
        assert both.difference == "slot"


def test_a_passive_voice_changes_no_roles() -> None:
    """ "The server was crashed by the client" says what "the client crashed the server" says."""
    assert pair(
        "the client crashed the server", "the server was crashed by the client", 1
    ).is_duplicate


def test_a_chore_is_one_only_at_one_time() -> None:
    """Equal titles a year apart are two tasks, an hour apart one."""
    one = pair("Bump the version", "Bump the version", 1.0)
    first = replace(one.other, created_at=START)
    last_year = replace(one, other=first, query=replace(first, created_at=START + YEAR))
    assert not last_year.is_duplicate
    assert last_year.difference == "time"
    soon = replace(one, other=first, query=replace(first, created_at=START + timedelta(hours=1)))
    assert soon.is_duplicate


@pytest.fixture
def real_services(
    sqlite_url: str, tmp_path: Path, model: SentenceTransformerEmbedder
) -> Iterator[Services]:
    """Give the services on SQLite with the real model."""
    settings = Settings.from_mapping({"DEJA_DATA_DIR": str(tmp_path / "data")})
    built = build(settings, model, open_database(sqlite_url))
    yield built
    built.close()


def duplicates_of(services: Services, texts: Sequence[str]) -> list[set[int]]:
    """Store texts a day apart; return for each which of the earlier ones it is called one with."""
    with services.database.write() as session:
        workspace = Workspace(team_id="T1", created_at=START)
        session.add(workspace)
    items = [
        NewItem("import", str(n), text=text, created_at=START + timedelta(days=n))
        for n, text in enumerate(texts)
    ]
    ids = [one.item_id for one in remember(services, workspace, items)]
    while services.duplicates.measure_missing(limit=1_000):
        pass
    index = {item_id: n for n, item_id in enumerate(ids)}
    audience = whole_workspace(workspace.id)
    with services.database.read() as session:
        queries = load_compared_items(session, services.judge.vectors, ids)
        ranked = services.judge.rank(
            session, [queries[item_id] for item_id in ids], audience, ANSWER_LIMITS
        )
    return [
        {index[m.item_id] for m in one.matches if m.band == "duplicate" and index[m.item_id] < n}
        for n, one in enumerate(ranked)
    ]


def test_requests_about_others_are_not_one_and_the_same_ones_are(real_services: Services) -> None:
    """Of the pairs written for it none that differs is called, and most that are the same."""
    pairs = [
        (ours, theirs, kind)
        for kinds in PAIRS.values()
        for kind, both in kinds.items()
        for ours, theirs in both
    ]
    texts = [text for ours, theirs, _ in pairs for text in (ours, theirs)]
    found = duplicates_of(real_services, texts)
    called = [2 * n in found[2 * n + 1] for n in range(len(pairs))]
    differing = [pairs[n] for n, is_called in enumerate(called) if is_called]
    assert [one for one in differing if one[2] == "differ"] == []
    same = [
        is_called for (_, _, kind), is_called in zip(pairs, called, strict=True) if kind == "same"
    ]
    assert sum(same) >= MIN_FOUND * len(same)


def test_near_misses_of_the_sample_company_are_no_duplicates(real_services: Services) -> None:
    """Another version, code or product in the same words is at most similar."""
    tickets = sample.tickets()
    found = duplicates_of(real_services, [clean_slack(one.text) for one in tickets])
    issues = [str(one.group or f"alone {n}") for n, one in enumerate(tickets)]
    wrong = [
        (tickets[n].text, tickets[other].text)
        for n, others in enumerate(found)
        for other in others
        if issues[n] != issues[other]
    ]
    assert wrong == []
