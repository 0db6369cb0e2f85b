"""`talk`: what is taken for talk, of talk and of real tickets.

By language: the sentences of `tests/services/text/small_talk/talk_sentences.toml`, written before
the word lists were read; messages of `benchmarks/messages/` that the model has not learned from,
many of which name things in passing (in `named` all do, by a writer of whom others were learned
from), are short (`short`, by another such writer), of six kinds of teams (`support`), or are
tickets in plain words (`everyday`); and, where they are beside the checkout, messages written by
somebody else (`talk`, `ticket`), in two halves by the parity of their ids. By set: questions and
bug reports of the public sets, all of which are real; hwu64 are voice commands, many of which are
talk. Those of `benchmarks.fit_matter.LEARNED` were learned from.
"""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Callable, Sequence

from benchmarks import corpus
from benchmarks.fit_matter import MESSAGES, read_messages, talk_and_tickets
from benchmarks.measurement import Figure
from services.text.slack.markup import clean_slack
from services.text.small_talk.matter import states_matter

SENTENCES = corpus.ROOT / "tests" / "services" / "text" / "small_talk" / "talk_sentences.toml"
FIELD = corpus.DATA.parent / "field" / "talk.jsonl"

LANGUAGES = ("en", "de", "es")
# The folders of messages in which there are both.
FOLDERS = {
    "looked_at": "in passing, looked at",
    "unseen": "in passing, unseen",
    "named": "in passing, named",
    "short": "short",
    "support": "support",
}
MIN_DROPPED, MAX_LOST, MAX_LOST_OF_SET = 0.93, 0.03, 0.01
MAX_MILLISECONDS = 0.1

VOICE_COMMANDS = "hwu64"


def run(quick: bool) -> list[Figure]:
    """Return the shares by language and by set, and how long a sentence takes."""
    sentences = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))
    figures = []
    for language, of in sentences.items():
        figures += _by_language(f"own sentences, {language}", of["talk"], of["tickets"])
    for folder, name in FOLDERS.items():
        figures += _of_folder(folder, name)
    figures += [_everyday(language) for language in LANGUAGES]
    if FIELD.exists():
        figures += _field()
    if corpus.has_data() and not quick:
        figures += [_of_set(name) for name in corpus.TICKETS]
    return [*figures, _duration([text for of in sentences.values() for text in of["talk"]])]


def _of_folder(folder: str, name: str) -> list[Figure]:
    figures = []
    for language in LANGUAGES:
        talk, tickets = talk_and_tickets(MESSAGES / folder, language)
        figures += _by_language(f"{name}, {language}", talk, tickets)
    return figures


def _everyday(language: str) -> Figure:
    tickets = [text for text, _ in read_messages(MESSAGES / "everyday", language)]
    return Figure(f"everyday, {language}: tickets lost", _dropped(tickets), "", MAX_LOST)


def _field() -> list[Figure]:
    rows = [json.loads(line) for line in FIELD.read_text(encoding="utf-8").splitlines()]
    halves: dict[str, Callable[[corpus.Json], bool]] = {
        "all": lambda _: True,
        "even ids": lambda row: int(row["id"][2:]) % 2 == 0,
        "odd ids": lambda row: int(row["id"][2:]) % 2 == 1,
    }
    figures = []
    for language in LANGUAGES:
        for half, belongs in halves.items():
            own = [row for row in rows if row["lang"] == language and belongs(row)]
            talk, tickets = (
                [row["text"] for row in own if row["class"] == name] for name in ("talk", "ticket")
            )
            figures += _by_language(f"field, {language}, {half}", talk, tickets)
    return figures


def _by_language(name: str, talk: Sequence[str], tickets: Sequence[str]) -> list[Figure]:
    return [
        Figure(f"{name}: talk dropped", _dropped(talk), "", MIN_DROPPED, "at least"),
        Figure(f"{name}: tickets lost", _dropped(tickets), "", MAX_LOST),
    ]


def _of_set(name: str) -> Figure:
    """Return which share of a set's rows with any words is taken for talk."""
    rows = [row for row in corpus.read(name) if corpus.text_of(row)]
    texts = [f"{row.get('title') or ''}\n{row['text']}" for row in rows]
    target = None if name == VOICE_COMMANDS else MAX_LOST_OF_SET
    return Figure(f"{name}: lost of {len(texts):,}", _dropped(texts), "", target)


def _dropped(texts: Sequence[str]) -> float:
    return sum(not states_matter(clean_slack(text)) for text in texts) / len(texts)


def _duration(texts: Sequence[str]) -> Figure:
    states_matter.cache_clear()
    started = time.process_time()
    for text in texts:
        states_matter(text)
    milliseconds = 1_000 * (time.process_time() - started) / len(texts)
    return Figure("processor time a sentence", milliseconds, "ms", MAX_MILLISECONDS)
