"""What `deja similar` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.missing_vectors import note_missing
from bot.cli.terminal import open_services, print_json, print_table, progress_bar
from models import Item
from models.queries import ids_in_batches, items_by_id
from services.answers.status import count_items
from services.channels.audience import Audience, whole_workspace
from services.errors import InputError
from services.judgement.explanation_text import shown_likelihood
from services.memory.item_names import find_item
from services.memory.workspaces import find_workspace
from services.text.cleaning.compared_text import readable_text
from services.text.cleaning.headline import headline
from services.text.words.plain import shorten

if TYPE_CHECKING:
    from bot.wiring import Services
    from services.answers.similar_pictures import SimilarPictures
    from services.judgement.bands import Match


TITLE_LENGTH = 60


@dataclass(frozen=True)
class SimilarItems:
    """The matches of one item (None: of a text that was typed), the best first."""

    item: str | None
    title: str
    matches: list[Match]


def find_similar(
    text: str | None,
    id_: str | None,
    image: Path | None,
    pictures: bool,
    each: bool,
    limit: int,
    kind: str | None,
    source: str | None,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Print what is most similar to a text, an item, a picture or each item."""
    if sum((text is not None, id_ is not None, image is not None, each)) != 1:
        raise click.UsageError("Give a TEXT, --id ID, --image FILE or --each.")
    _check_pictures(text, kind, is_asked=pictures, has_image=image is not None)
    typed = sys.stdin.read() if text == "-" else text
    with open_services() as services:
        with services.database.read() as session:
            workspace_id = find_workspace(session, team_id).id
        audience = _audience(workspace_id, source)
        with services.database.read() as session:
            note_missing(session, services.embedder.fingerprint, audience.items)
        if image is not None:
            matches = _pictures(services).to_file(image, audience=audience, limit=limit)
            found = iter([SimilarItems(None, image.name, matches)])
        elif typed is not None and pictures:
            matches = _pictures(services).to_text(typed, audience=audience, limit=limit)
            found = iter([SimilarItems(None, typed, matches)])
        elif typed is not None:
            found = iter([_similar_to_text(services, audience, typed, limit, kind or "ticket")])
        elif id_ is not None:
            with services.database.read() as session:
                item = find_item(session, workspace_id, id_)
            found = _similar_to_items(services, audience, [item.id], limit, kind or item.kind)
        else:
            found = _similar_to_each(services, audience, limit, kind or "ticket")
        for one in found:
            _print(services, one, as_json)


def _check_pictures(text: str | None, kind: str | None, *, is_asked: bool, has_image: bool) -> None:
    if is_asked and text is None:
        raise click.UsageError("Give a TEXT that says what the pictures show.")
    if kind == "product" and (is_asked or has_image):
        raise click.UsageError("Only tickets are found by their pictures, not --kind product.")


def _pictures(services: Services) -> SimilarPictures:
    if services.similar_pictures is None:
        raise InputError(
            "Pictures are not searched: DEJA_IMAGE_MODEL names the folder of a CLIP model."
        )
    return services.similar_pictures


def _audience(workspace_id: int, source: str | None) -> Audience:
    everything = whole_workspace(workspace_id)
    return everything if source is None else everything.among(Item.source == source)


def _similar_to_text(
    services: Services, audience: Audience, text: str, limit: int, kind: str
) -> SimilarItems:
    if not readable_text(None, text):
        raise InputError("There are no words in that text to search for.")
    found = services.similar.to_text(text, kind=kind, audience=audience, limit=limit)
    return SimilarItems(None, text, found)


def _similar_to_items(
    services: Services, audience: Audience, item_ids: list[int], limit: int, kind: str
) -> Iterator[SimilarItems]:
    found = services.similar.to_items(item_ids, audience=audience, limit=limit, kind=kind)
    with services.database.read() as session:
        items = items_by_id(session, item_ids)
    for item_id, matches in found.items():
        item = items[item_id]
        title = headline(item.title, item.text, TITLE_LENGTH)
        yield SimilarItems(item.external_id, title, matches)


def _similar_to_each(
    services: Services, audience: Audience, limit: int, kind: str
) -> Iterator[SimilarItems]:
    where = whole_workspace(audience.workspace_id).items & (Item.kind == kind)
    with services.database.read() as session:
        total = count_items(session, where)[kind]
    with progress_bar("Comparing", total) as advance:
        for item_ids in ids_in_batches(services.database, where):
            yield from _similar_to_items(services, audience, item_ids, limit, kind)
            advance(len(item_ids))


def _print(services: Services, found: SimilarItems, as_json: bool) -> None:
    with services.database.read() as session:
        items = items_by_id(session, [match.item_id for match in found.matches])
    if as_json:
        matches = [
            {
                "item": items[match.item_id].external_id,
                "similarity": round(match.similarity, 6),
                "probability": rounded(match.probability),
                "band": match.band,
                "answer": items[match.item_id].resolution,
            }
            for match in found.matches
        ]
        print_json({"item": found.item, "matches": matches})
        return
    name = found.title if found.item is None else f"{found.item}: {found.title}"
    rows = [
        [
            items[match.item_id].external_id,
            score(match),
            match.band or "",
            items[match.item_id].status,
            _in_two_lines(items[match.item_id]),
        ]
        for match in found.matches
    ]
    headings = ["id", "score", "band", "state", "title → answer"]
    print_table(shorten(name, TITLE_LENGTH), headings, rows)


def _in_two_lines(item: Item) -> str:
    """Return a ticket's title, and below it what solved it, if that is known."""
    title = headline(item.title, item.text, TITLE_LENGTH)
    answer = " ".join((item.resolution or "").split())
    return f"{title}\n→ {shorten(answer, TITLE_LENGTH)}" if answer else title


def rounded(probability: float | None) -> float | None:
    """Return a probability with six digits, as JSON lines have it."""
    return None if probability is None else round(probability, 6)


def score(match: Match) -> str:
    """Return a match's score for people: a percentage is a probability, a decimal a cosine."""
    likely = shown_likelihood(match.probability, match.band)
    return f"{match.similarity:.2f}" if likely is None else str(likely)
