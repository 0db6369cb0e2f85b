"""Asks at the terminal which topics are one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text
from sqlalchemy.orm import Session

from bot.cli.terminal import console, count, me, notes, print_json
from bot.cli.topics.topic_tables import NO_RUN
from bot.clock import utc_now
from bot.jobs.kinds import enqueue_jobs
from bot.jobs.topic_jobs import update_jobs
from services.errors import DejaError, NotFoundError
from services.memory.item_names import names_of
from services.text.words.plain import plain_text
from services.topics.curation import Curator
from services.topics.questions import (
    MAX_EXAMPLES,
    MAX_QUESTIONS,
    Answer,
    TopicPair,
    answer,
    read_series,
)
from services.topics.scopes import Scope, newest_run
from services.topics.undo import Undo
from services.topics.views import RunView, TopicView, view_run

if TYPE_CHECKING:
    from models import Database
    from services.topics.apart import Pair

ANSWERS: dict[str, Answer] = {"y": "one", "n": "apart"}
KEYS = "y one topic · n different topics · k skip · u undo the last · ? help · q quit"
HELP = (
    "y  one topic: they are merged, and later runs keep them together",
    "n  different topics: later runs keep them apart, and nobody is asked again",
    "k  skip: it may be asked again another time",
    "u  undo the last answer and ask for it again",
    "q  quit: what was answered is stored already",
)
NOTHING_TO_UNDO = "Nothing was answered in this round."
NO_PAIR = "There is nothing to ask: no two topics are alike, or you have decided on all pairs."
DONE = "Nothing more is asked until there are new topics; `--more` asks on."

ReadKey = Callable[[], str]


@dataclass
class Interview:
    """Questions about pairs of topics at the terminal, each answer stored before the next one."""

    database: Database
    scope: Scope
    find: Callable[[Session, RunView, int, Sequence[Pair]], list[TopicPair]]
    _skipped: list[Pair] = field(default_factory=list)
    _answered: list[int] = field(default_factory=list)

    def print_lines(self) -> None:
        """Print the next pairs."""
        with self.database.read() as session:
            for pair in self.find(session, self._view(session), MAX_QUESTIONS, ()):
                tickets = [*pair.topic.representatives, *pair.other.representatives]
                names = names_of(session, [one.item_id for one in tickets])
                print_json([_line(one, names) for one in (pair.topic, pair.other)])

    def run(self, read_key: ReadKey) -> None:
        """Ask until nothing is left to ask or somebody quits, then print a summary."""
        try:
            while (pair := self._next()) is not None:
                _show(pair)
                self._ask(pair, read_key)
        except (EOFError, KeyboardInterrupt):
            pass  # the same as q: every answer is stored
        else:
            with self.database.read() as session:
                series = read_series(session, self.scope)
            _note(DONE if series.ended_at and not series.answered else NO_PAIR)
        if number := len(self._answered):
            _note(f"{count(number, 'answer')} stored; `deja topics undo` takes back the last.")

    def _next(self) -> TopicPair | None:
        with self.database.read() as session:
            found = self.find(session, self._view(session), 1, self._skipped)
        return found[0] if found else None

    def _view(self, session: Session) -> RunView:
        run = newest_run(session, self.scope)
        view = None if run is None else view_run(session, self.scope, utc_now(), run)
        if view is None:
            raise NotFoundError(NO_RUN)
        return view

    def _ask(self, pair: TopicPair, read_key: ReadKey) -> None:
        """Read keys until one answers the question, skips it, or undoes the answer before it."""
        _note(KEYS)
        while True:
            key = read_key().lower()
            if key == "q":
                raise EOFError
            if key == "k":
                self._skipped.append(pair.ids)
                return
            if key == "u" and self._answered:
                self._undo()
                return
            if key in ANSWERS:
                self._answer(pair, ANSWERS[key])
                return
            for line in (NOTHING_TO_UNDO,) if key == "u" else HELP:
                _note(line)

    def _answer(self, pair: TopicPair, said: Answer) -> None:
        def work(curator: Curator) -> None:
            self._answered.append(answer(curator, pair.ids, said).id)

        try:
            self._store(work, pair.ids)
        except DejaError as error:
            self._skipped.append(pair.ids)
            _note(plain_text(str(error)))
        else:
            _note("→ one topic" if said == "one" else "→ different topics")

    def _undo(self) -> None:
        edit_id = self._answered.pop()
        self._store(lambda curator: Undo(curator).undo(edit_id), ())
        _note("→ undone")

    def _store(self, work: Callable[[Curator], object], topic_ids: Sequence[int]) -> None:
        """Do `work`; a worker then updates the messages in Slack."""
        now = utc_now()
        with self.database.write() as session:
            work(Curator(session, self.scope, me(), now))
            session.flush()
            jobs = update_jobs(session, self.scope, topic_ids, f"cli:{now.isoformat()}", now)
            enqueue_jobs(session, self.scope.workspace_id, jobs, now)


def _show(pair: TopicPair) -> None:
    console.rule(Text("One topic?"), align="left")
    for topic in (pair.topic, pair.other):
        size = f" · {count(topic.size, 'ticket')}"
        console.print(Text.assemble((plain_text(topic.title), "bold"), (size, "dim")))
        for one in topic.representatives[:MAX_EXAMPLES]:
            console.print(Text(f"  {plain_text(one.title)}"))
    console.print()


def _line(topic: TopicView, names: dict[int, str]) -> dict[str, object]:
    shown = topic.representatives[:MAX_EXAMPLES]
    return {
        "topic": topic.topic_id,
        "title": topic.title,
        "tickets": topic.size,
        "examples": [names[one.item_id] for one in shown],
    }


def _note(line: str) -> None:
    notes.print(line, markup=False, soft_wrap=True)
