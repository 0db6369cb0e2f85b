"""What `deja review` does."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import click
from rich.text import Text
from sqlalchemy.orm import Session

from bot.cli.terminal import (
    console,
    count,
    me,
    next_key,
    notes,
    open_services,
    print_json,
    progress_bar,
)
from bot.clock import utc_now
from bot.jobs.decisions import PairDecision, decide_outside_slack
from models import Channel, Item
from models.queries import items_by_id
from services.answers.review_queue import ReviewRequest, is_open, load_queue
from services.answers.review_rounds import NEWEST, ROUND, ReviewQueue, Suggestion
from services.channels.audience import whole_workspace
from services.errors import ConflictError, InputError
from services.judgement.calibration_store import calibration_state
from services.judgement.calibration_text import next_text
from services.judgement.explanation_text import likelihood
from services.memory.item_names import names_of
from services.memory.workspaces import find_workspace
from services.text.cleaning.headline import headline
from services.text.words.plain import plain_text, shorten

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.issues.groups import PairIds
    from services.issues.verdict_rules import Decision


DECISIONS: dict[str, Decision] = {"s": "duplicate", "r": "related", "n": "distinct"}
KEYS = "s same issue · r related · n not a duplicate · k skip · u undo the last · ? help · q quit"
HELP = (
    "s  the same issue: both tickets have one cause and one answer",
    "r  related: one helps with the other, but they are two issues",
    "n  not a duplicate: the pair never comes back",
    "k  skip: it may be asked again another time",
    "u  undo the last decision and ask for it again",
    "q  quit: what was decided is stored already",
)
NOTHING_TO_UNDO = "Nothing was decided in this round."

# Long enough to judge a ticket, short enough for two of them on one screen.
TEXT_LENGTH = 600
# Shorter words are in every ticket: highlighting them would say nothing.
WORD = re.compile(r"\w{4,}")

ReadKey = Callable[[], str]


def review_pairs(
    limit: int,
    kind: str,
    by: str | None,
    seed: int,
    from_input: bool,
    take_all: bool,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Ask about pairs of tickets, one key each."""
    if not (as_json or from_input or sys.stdin.isatty()):
        raise click.UsageError("A review needs a terminal; give --json, or --keys to read keys.")
    with open_services() as services:
        request = ReviewRequest(kind, limit, seed, newest=None if take_all else NEWEST)
        with services.database.read() as session, progress_bar("Comparing", None) as bar:
            audience = whole_workspace(find_workspace(session, team_id).id)
            queue = load_queue(session, services.judge, audience, request, bar.update)
        if as_json:
            _print_lines(services, queue.take(limit))
        elif not queue.open:
            console.print("There is nothing to review: no two items are left to compare.")
        else:
            by = by or me()
            interview = Review(services, audience.workspace_id, kind, by, queue, limit)
            interview.run(next_key if from_input else click.getchar)


@dataclass
class Review:
    """At most `limit` questions at the terminal, each answer stored before the next question.

    They are taken from the queue in rounds, so that the answers decide what comes next.
    """

    services: Services
    workspace_id: int
    kind: str
    by: str
    queue: ReviewQueue
    limit: int
    found: list[Suggestion] = field(default_factory=list)
    _decided: list[int] = field(default_factory=list)

    def run(self, read_key: ReadKey) -> None:
        """Ask until every pair is answered or somebody quits, then print a summary."""
        index = 0
        try:
            while self._has_question(index):
                with self.services.database.read() as session:
                    if not is_open(session, self.found[index].pair):
                        index += 1  # an earlier answer has decided this pair, too
                        continue
                    _show(session, self.found[index])
                    _note(f"{index + 1} of {self._total()} · {self._so_far(session)}")
                index = self._answer(index, read_key)
        except (EOFError, KeyboardInterrupt):
            pass  # the same as q: every answer is stored
        self._summarise()

    def _has_question(self, index: int) -> bool:
        if index == len(self.found):
            self.found += self.queue.take(min(ROUND, self.limit - index))
        return index < len(self.found)

    def _total(self) -> int:
        return min(self.limit, len(self.found) + len(self.queue.open))

    def _answer(self, index: int, read_key: ReadKey) -> int:
        """Read keys until one answers; return the index of the next pair."""
        _note(KEYS)
        while True:
            key = read_key().lower()
            if key == "q":
                raise EOFError
            if key == "k":
                return index + 1
            if key == "u" and self._decided:
                return self._undo()
            if key in DECISIONS:
                return self._decide(index, DECISIONS[key])
            for line in (NOTHING_TO_UNDO,) if key == "u" else HELP:
                _note(line)

    def _decide(self, index: int, decision: Decision) -> int:
        one = self.found[index]
        try:
            self._store(one.pair, decision)
        except (ConflictError, InputError) as error:
            _note(plain_text(str(error)))
        else:
            self._decided.append(index)
            self.queue.record(one, is_duplicate=decision == "duplicate")
            _note(f"→ {decision}")
        return index + 1

    def _undo(self) -> int:
        index = self._decided.pop()
        self.queue.forget_last()
        self._store(self.found[index].pair, "undo")
        _note("→ undone")
        return index

    def _store(self, pair: PairIds, action: Decision | Literal["undo"]) -> None:
        decision = PairDecision(self.workspace_id, pair, action, self.by, utc_now())
        with self.services.database.write() as session:
            decide_outside_slack(session, decision, place="review")

    def _so_far(self, session: Session) -> str:
        state = calibration_state(session, self.workspace_id, self.kind)
        return f"{count(state.verdicts, 'verdict')} · {next_text(state)}"

    def _summarise(self) -> None:
        number = len(self._decided)
        _note(f"{count(number, 'decision')} stored.")
        with self.services.database.read() as session:
            state = calibration_state(session, self.workspace_id, self.kind)
        _note(str(next_text(state)))
        if not state.changes_until_fit:
            _note("Run `deja calibrate`, or leave it to the running bot.")


def _print_lines(services: Services, found: Sequence[Suggestion]) -> None:
    with services.database.read() as session:
        names = names_of(session, {item_id for one in found for item_id in one.pair})
    for one in found:
        print_json(_line(one, names))


def _line(one: Suggestion, names: dict[int, str]) -> dict[str, Any]:
    return {
        "a": names[one.item_id],
        "b": names[one.other_id],
        "similarity": round(one.similarity, 4),
        "probability": None if one.probability is None else round(one.probability, 4),
        "strength": round(one.strength, 4),
        "reason": one.reason,
    }


def _show(session: Session, one: Suggestion) -> None:
    items = items_by_id(session, one.pair)
    names = names_of(session, one.pair)
    texts = {item_id: _text(item) for item_id, item in items.items()}
    shared = _shared(one.pair, texts)
    console.rule(Text(_likelihood(one)), align="left")
    for item_id in one.pair:
        item = items[item_id]
        channel = None if item.channel_id is None else session.get(Channel, item.channel_id)
        facts = [names[item_id], item.status]
        if item.reported_at is not None:
            facts.insert(1, f"{item.reported_at:%Y-%m-%d}")
        if channel is not None and channel.name:
            facts.insert(-1, f"#{channel.name}")
        console.print(Text(plain_text(" · ".join(facts)), style="dim"))
        shown = Text(texts[item_id])
        if shared:
            shown.highlight_regex(rf"(?i)\b(?:{'|'.join(sorted(shared))})\b", "bold")
        console.print(shown, end="\n\n")


def _text(item: Item) -> str:
    """Return a title and a text in a few lines, without control characters."""
    text = shorten(plain_text(item.text), TEXT_LENGTH)
    title = headline(plain_text(item.title), "") if item.title else ""
    return f"{title}\n{text}" if title and not text.startswith(title) else text


def _shared(pair: PairIds, texts: dict[int, str]) -> set[str]:
    first, second = (set(WORD.findall(texts[item_id].casefold())) for item_id in pair)
    return first & second


def _likelihood(one: Suggestion) -> str:
    if one.probability is not None:
        return f"{likelihood(one.probability)} likely the same"
    return f"cosine {one.similarity:.2f}"


def _note(line: str) -> None:
    notes.print(line, markup=False, soft_wrap=True)
