"""Where the tokens of a text are, for each kind of tokenizer that sentence-transformers has."""

from __future__ import annotations

import re
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, Protocol

from services.search.embedders.letter_vectors import unknown_share

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_WORD = re.compile(r"\S+")


class Tokeniser(Protocol):
    """The tokens of a model."""

    def offsets(self, text: str) -> list[tuple[int, int]]:
        """Return the (start, end) character offsets of all tokens of a text."""

    def unknown_share(self, text: str) -> float:
        """Return the share of a text's letters that the model has no token for."""


def tokens_of(model: SentenceTransformer) -> Tokeniser:
    """Return the tokens of a loaded model.

    Raises `AttributeError` if its tokenizer is of an unknown kind, `ValueError` if it is empty.
    """
    from tokenizers import Tokenizer

    own: Any = model.tokenizer
    if hasattr(own, "backend_tokenizer"):
        unknown = own.unk_token_id
        return Subwords(Tokenizer.from_str(own.backend_tokenizer.to_str()), unknown)
    if isinstance(own, Tokenizer):
        copy = Tokenizer.from_str(own.to_str())
        ids = [copy.token_to_id(name) for name in ("[UNK]", "<unk>")]
        return Subwords(copy, next((one for one in ids if one is not None), None))
    if hasattr(own, "tokenize"):
        return Words(own)
    raise AttributeError("its tokenizer is of an unknown kind")


class Subwords:
    """The tokens of a `tokenizers.Tokenizer`, neither truncated nor padded.

    Raises `ValueError` if it knows no letter: transformers makes such a one where its file is gone,
    and all texts would have nearly the same vector.
    """

    def __init__(self, tokenizer: Tokenizer, unknown: int | None) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._tokenizer, self._unknown = tokenizer, unknown
        letters = tokenizer.encode(" ".join(ascii_lowercase), add_special_tokens=False)
        if {*letters.ids} <= {unknown}:
            raise ValueError("its tokenizer is empty. Is tokenizer.json missing?")

    def offsets(self, text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = self._tokenizer.encode(
            text, add_special_tokens=False
        ).offsets
        return found

    def unknown_share(self, text: str) -> float:
        if text.isascii():  # which every model reads
            return 0.0
        tokens = self._tokenizer.encode(text)
        pairs = zip(tokens.ids, tokens.offsets, strict=True)
        return unknown_share(text, [offsets for one, offsets in pairs if one == self._unknown])


class Words:
    """The words of a model that has a vector for each word and none for parts of words."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._stop_words = frozenset(getattr(tokenizer, "stop_words", ()))

    def offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(text)]

    def unknown_share(self, text: str) -> float:
        if not self._tokenizer.tokenize(text):  # its vector would be zero
            return 1.0
        words = [match for match in _WORD.finditer(text) if not self._is_stop_word(match[0])]
        return unknown_share(
            text, [match.span() for match in words if not self._tokenizer.tokenize(match[0])]
        )

    def _is_stop_word(self, word: str) -> bool:
        return word in self._stop_words or word.lower() in self._stop_words
