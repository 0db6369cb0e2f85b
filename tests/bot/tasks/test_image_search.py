"""Pictures of tickets are found by a picture and by words, with a model for images."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import delete, func, select

from bot.tasks.backfill import backfill_job
from models import ImageVector
from services.answers.similar_pictures import SimilarPictures
from services.channels.audience import Audience, audience_of_channel, whole_workspace
from services.channels.settings import channel_of_slack
from services.errors import InputError, ModelError
from services.search.embedders.image_embedding import ImageEmbedder
from tests.bot.tasks.test_same_pictures import BOILER, MORNING, NOON, ROOM, share
from tests.hashing import HashingEmbedder
from tests.pictures import FAILED, cropped, dialog, file_of, photo, resized
from tests.serving import Desk, open_desk, words
from tests.slack_standin import SlackStandIn
from tests.tiny_clip import make_tiny_clip

WINDOW = dialog(FAILED)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model with the real architecture and random weights, once."""
    return make_tiny_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture
def seeing(
    slack: SlackStandIn, database_url: str, tmp_path: Path, embedder: HashingEmbedder, clip: Path
) -> Iterator[Desk]:
    """Give a bot with that model."""
    settings = {"DEJA_IMAGE_MODEL": str(clip)}
    with open_desk(slack, database_url, str(tmp_path), embedder, settings=settings) as opened:
        yield opened


def search(desk: Desk) -> SimilarPictures:
    """Return the search for pictures."""
    found = desk.services.similar_pictures
    assert found is not None
    return found


def found_by(desk: Desk, tmp_path: Path, picture: Image.Image, audience: Audience) -> list[int]:
    """Return the tickets found by a picture, best first."""
    (tmp_path / "asked.png").write_bytes(file_of(picture))
    found = search(desk).to_file(tmp_path / "asked.png", audience=audience, limit=5)
    return [one.item_id for one in found]


def stored(desk: Desk) -> int:
    """Return how many vectors of pictures are stored."""
    with desk.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(ImageVector)) or 0


@pytest.mark.both_databases
def test_a_picture_finds_the_ticket_that_shows_it(seeing: Desk, tmp_path: Path) -> None:
    """The same one, in another size, or cut a little, comes first."""
    share(seeing, BOILER, file_of(photo(1)), MORNING)
    share(seeing, ROOM, file_of(WINDOW), NOON)
    boiler, room = (seeing.item("C1", ts).id for ts in (MORNING, NOON))
    everything = whole_workspace(seeing.workspace_id)
    for picture in (photo(1), resized(photo(1), 0.5), cropped(photo(1), 0.02)):
        assert found_by(seeing, tmp_path, picture, everything) == [boiler, room]
    assert found_by(seeing, tmp_path, resized(WINDOW, 1.5), everything) == [room, boiler]
    by_words = search(seeing).to_text("a red sign", audience=everything, limit=5)
    assert {one.item_id for one in by_words} == {boiler, room}


def test_find_similar_names_a_ticket_with_nearly_the_same_picture(seeing: Desk) -> None:
    """Although its words say nothing of it."""
    share(seeing, BOILER, file_of(photo(1)), MORNING)
    share(seeing, ROOM, file_of(cropped(photo(1), 0.15)), NOON)
    seeing.shortcut("deja_similar", "C1", {"user": "U1", "ts": NOON, "text": ROOM})
    seeing.drain()
    assert BOILER in words(seeing.slack.private_replies[-1])


def test_find_similar_names_what_shows_the_same_however_far_its_words_are(desk: Desk) -> None:
    """The same picture, by its hash."""
    share(desk, BOILER, file_of(photo(1)), MORNING)
    share(desk, ROOM, file_of(resized(photo(1), 0.7), "JPEG", quality=60), NOON)
    desk.shortcut("deja_similar", "C1", {"user": "U1", "ts": NOON, "text": ROOM})
    desk.drain()
    assert BOILER in words(desk.slack.private_replies[-1])


def test_nobody_finds_a_picture_of_a_channel_they_may_not_read(
    seeing: Desk, tmp_path: Path
) -> None:
    """The audience of a ticket is that of its pictures."""
    seeing.slack.add_channel("G1", is_private=True)
    share(seeing, BOILER, file_of(photo(1)), MORNING, channel="G1")
    share(seeing, ROOM, file_of(WINDOW), NOON)
    with seeing.services.database.read() as session:
        public = channel_of_slack(session, seeing.workspace_id, "C1")
    assert public is not None
    found = found_by(seeing, tmp_path, photo(1), audience_of_channel(public))
    assert found == [seeing.item("C1", NOON).id]


def test_a_picture_goes_with_its_message(seeing: Desk) -> None:
    """Nothing is kept of what was deleted, nor of what was no ticket."""
    share(seeing, BOILER, file_of(photo(1)), MORNING)
    share(seeing, "thanks!", file_of(photo(2)), NOON)
    assert stored(seeing) == 1
    seeing.delete("C1", MORNING)
    seeing.drain()
    assert stored(seeing) == 0


def test_another_model_never_compares_with_its_vectors(seeing: Desk, tmp_path: Path) -> None:
    """They are of another fingerprint."""
    share(seeing, BOILER, file_of(photo(1)), MORNING)
    other = ImageEmbedder(str(make_tiny_clip(tmp_path / "clip", seed=2)))
    (tmp_path / "asked.png").write_bytes(file_of(photo(1)))
    found = SimilarPictures(seeing.services.database, other).to_file(
        tmp_path / "asked.png", audience=whole_workspace(seeing.workspace_id), limit=5
    )
    assert found == []


def test_a_backfill_embeds_earlier_pictures(seeing: Desk, tmp_path: Path) -> None:
    """In jobs of their own; one that is embedded already is not read again."""
    share(seeing, BOILER, file_of(photo(1)), MORNING)
    with seeing.services.database.write() as session:
        session.execute(delete(ImageVector))
        channel = channel_of_slack(session, seeing.workspace_id, "C1")
    assert channel is not None
    since = seeing.clock() - timedelta(days=365)
    seeing.enqueue(backfill_job(channel.id, since, user=None, cause="x"))
    seeing.drain()
    assert stored(seeing) == 1


def test_without_a_model_nothing_is_embedded(desk: Desk) -> None:
    """Nor is there a search."""
    share(desk, BOILER, file_of(photo(1)), MORNING)
    assert stored(desk) == 0
    assert desk.services.similar_pictures is None


@pytest.mark.parametrize(
    "picture",
    [b"", b"no picture", file_of(photo(1))[:2_000], b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["empty", "text", "torn", "svg"],
)
def test_what_is_no_picture_loses_nothing(
    seeing: Desk, tmp_path: Path, picture: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The ticket is there; asked for, one line says what is wrong."""
    share(seeing, BOILER, picture, MORNING)
    assert seeing.item("C1", MORNING).text == BOILER
    assert stored(seeing) == 0
    assert [one.getMessage() for one in caplog.records if "embedded" in one.getMessage()]
    (tmp_path / "asked").write_bytes(picture)
    with pytest.raises(InputError, match="asked is no picture that can be read: BMP, GIF"):
        search(seeing).to_file(
            tmp_path / "asked", audience=whole_workspace(seeing.workspace_id), limit=1
        )


def test_a_giant_picture_is_not_opened(seeing: Desk, tmp_path: Path) -> None:
    """One that says it has ten billion points, and one with just too many."""
    for side in (8_000, 100_000):
        bomb = bytearray(file_of(Image.new("1", (8, 8))))
        bomb[16:24] = side.to_bytes(4, "big") * 2
        (tmp_path / "bomb.png").write_bytes(bomb)
        with pytest.raises(InputError, match="million pixels"):
            search(seeing).to_file(
                tmp_path / "bomb.png", audience=whole_workspace(seeing.workspace_id), limit=1
            )


def test_of_an_animation_the_beginning_is_seen(seeing: Desk, tmp_path: Path) -> None:
    """It finds the same picture that stands still."""
    written = io.BytesIO()
    photo(1).save(written, "GIF", save_all=True, append_images=[photo(2), photo(3)])
    share(seeing, BOILER, file_of(photo(1)), MORNING)
    share(seeing, ROOM, file_of(WINDOW), NOON)
    (tmp_path / "moving.gif").write_bytes(written.getvalue())
    best = search(seeing).to_file(
        tmp_path / "moving.gif", audience=whole_workspace(seeing.workspace_id), limit=1
    )
    assert [one.item_id for one in best] == [seeing.item("C1", MORNING).id]


def test_a_folder_without_a_model_is_named(tmp_path: Path, clip: Path) -> None:
    """By one clear line."""
    empty, bare, words_only = (tmp_path / name for name in ("empty", "bare", "words"))
    for folder in (empty, bare, words_only):
        folder.mkdir()
    (bare / "config.json").write_text((clip / "config.json").read_text())
    (words_only / "config.json").write_text('{"model_type": "bert"}')
    for folder, why in (
        (empty, "no CLIP model"),
        (words_only, "no CLIP model"),
        (bare, "no .safetensors weights"),
        (tmp_path / "absent", "no model folder"),
    ):
        with pytest.raises(ModelError, match=why):
            _ = ImageEmbedder(str(folder)).fingerprint


def test_without_its_model_tickets_go_on(
    slack: SlackStandIn, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Their pictures are not searched until it is there."""
    settings = {"DEJA_IMAGE_MODEL": str(tmp_path / "absent")}
    data = str(tmp_path / "data")
    with open_desk(slack, database_url, data, HashingEmbedder(), settings=settings) as desk:
        share(desk, BOILER, file_of(photo(1)), MORNING)
        assert desk.item("C1", MORNING).text == BOILER
        assert "pictures are not searched" in caplog.text
