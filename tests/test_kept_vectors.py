"""The file of real vectors that tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from services.search.embedders.embedding import SentenceTransformerEmbedder
from tests.kept_vectors import KeptVectors


def test_a_kept_vector_is_that_of_the_model(model: SentenceTransformerEmbedder) -> None:
    """Whatever an earlier run kept, the model makes the same vectors today."""
    texts = ["the printer prints blank pages", "invoice 17 has the wrong amount"]
    made = SentenceTransformerEmbedder.encode(model, texts)
    np.testing.assert_allclose(model.encode(texts), made, atol=1e-5)


def test_vectors_are_kept_by_text_and_by_what_made_them(tmp_path: Path) -> None:
    """Another process finds them; another model does not."""
    row = np.array([0.6, 0.8], np.float32)
    KeptVectors("one model", tmp_path / "vectors.db").add({"a text": row})
    found = KeptVectors("one model", tmp_path / "vectors.db").find(["a text", "another text"])
    assert found.keys() == {"a text"}
    np.testing.assert_array_equal(found["a text"], row)
    assert KeptVectors("another model", tmp_path / "vectors.db").find(["a text"]) == {}
