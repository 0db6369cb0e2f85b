"""Texts in scripts that the model has no tokens for: alike by their letters, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from bot.wiring import Services, build
from models import Workspace
from services.channels.audience import whole_workspace
from services.evaluation.ticket_languages import count_languages, reading_text
from services.judgement.shown_similarity import ANSWERED_SIMILARITY, SIMILAR_SIMILARITY
from services.search.embedders.embedding import SentenceTransformerEmbedder
from services.search.embedders.letter_vectors import MAX_UNKNOWN, letter_vectors, unknown_share
from services.text.comparing.written_language import language_name
from tests.remembering import remember, ticket

BLANK_PAGES = "เครื่องพิมพ์ชั้นสองพิมพ์กระดาษเปล่า"
EXPENSES = "เข้าระบบเบิกค่าใช้จ่ายไม่ได้ครับ"
AMHARIC = ("ማተሚያው ባዶ ወረቀት ያወጣል", "ወደ ወጪ ስርዓቱ መግባት አልችልም")
CHINESE = ("打印机打出来的都是白纸", "报销系统登录不了")

READ = (
    "Der Drucker im zweiten Stock druckt leere Seiten 😀",
    "La impresora imprime páginas en blanco",
    "Принтер печатает пустые страницы",
    "الطابعة تطبع صفحات فارغة",
    "프린터가 빈 페이지를 인쇄합니다",
    "The label on the box says ผลิต, what does it mean?",
    "E-41",
    "",
)


@pytest.mark.parametrize("pair", [(BLANK_PAGES, EXPENSES), AMHARIC, CHINESE])
def test_what_cannot_be_read_is_compared_by_letters(
    model: SentenceTransformerEmbedder, pair: tuple[str, str]
) -> None:
    """Two reports of two things are far apart, and each is near to itself, reworded a little."""
    texts = [*pair, f"{pair[0]} E-41", "The printer prints blank pages"]
    assert all(model.unknown_share(text) > MAX_UNKNOWN for text in texts[:3])
    one, other, reworded, english = model.encode(texts)
    assert one @ other < ANSWERED_SIMILARITY - 0.2
    assert one @ reworded >= SIMILAR_SIMILARITY
    assert abs(one @ english) < 0.3
    assert np.allclose(np.linalg.norm([one, other], axis=1), 1)


@pytest.mark.parametrize("text", READ)
def test_what_can_be_read_is_compared_by_meaning(
    model: SentenceTransformerEmbedder, text: str
) -> None:
    """A foreign word, a smiley, a code or no text at all takes no meaning away."""
    assert model.unknown_share(text) <= MAX_UNKNOWN


def test_the_share_is_of_letters() -> None:
    """Figures and signs are read by every model, and say too little to compare by."""
    assert unknown_share("กข 12345", [(0, 2)]) == 1.0
    assert unknown_share("กข ab", [(0, 2)]) == 0.5
    assert unknown_share("12", [(0, 2)]) == 0.0


def test_letter_vectors_of_short_and_empty_texts() -> None:
    """One letter has a vector; nothing has one of zeros."""
    rows = letter_vectors(["ก", "", "ก"], 16)
    assert rows[0] @ rows[2] == pytest.approx(1)
    assert not rows[1].any()


def test_the_languages_of_a_team_are_named() -> None:
    """A language of three texts is seen; what cannot be read is said beside it."""
    texts = [*[BLANK_PAGES] * 3, *["Der Drucker ist kaputt"] * 5, "La impresora no funciona"]
    seen = count_languages(texts, lambda text: float(text == BLANK_PAGES))
    assert reading_text(seen) == "German 5, Thai 3 (3 not readable: compared by letters only)"
    assert [language_name(text) for text in (*CHINESE, AMHARIC[0], "Принтер", "printer", "")] == [
        "Chinese", "Chinese", "Ethiopic", "Cyrillic", "English", "English",
    ]  # fmt: skip


@pytest.mark.both_databases
def test_two_tickets_that_cannot_be_read_answer_each_other_only_in_the_same_words(
    model: SentenceTransformerEmbedder, services: Services, workspace: Workspace
) -> None:
    """Another matter in the same script is not shown; a repeat is."""
    reading = build(services.settings, model, services.database)
    remember(reading, workspace, [ticket("1", BLANK_PAGES), ticket("2", CHINESE[0])])
    audience = whole_workspace(workspace.id)
    for text, expected in ((EXPENSES, None), (CHINESE[1], None), (BLANK_PAGES, "duplicate")):
        best = reading.similar.to_text(text, kind="ticket", audience=audience, limit=1)[0]
        assert best.band == expected, text
