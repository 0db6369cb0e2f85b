"""What is similar to an item, to a text, or to some texts but not to others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from models import Database
from services.channels.audience import Audience
from services.errors import InputError
from services.issues.verdicts import ruled_out
from services.judgement.bands import Match, keep_an_answer
from services.judgement.candidate_limits import limits_for_list
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.judgement.judge import Judge
from services.phrases import phrase

# Where the difference of two unit vectors is shorter than this, they are practically the same.
MIN_QUERY_NORM = 0.05

SAME_SIDES = phrase("There is nothing to look for: both sides say the same thing.")
NO_WORDS = phrase("There are no words in that to search for.")


@dataclass(frozen=True)
class SimilaritySearch:
    """Finds the items most similar to something; nothing is stored."""

    database: Database
    judge: Judge

    def to_text(self, text: str, *, kind: str, audience: Audience, limit: int) -> list[Match]:
        """Return the items of a kind most similar to a text that somebody typed, best first."""
        vectors = self.judge.vectors.encode(text)
        if not len(vectors):
            return []
        query = ComparedItem.of_text(text, kind, vectors)
        with self.database.read() as session:
            (ranked,) = self.judge.rank(session, [query], audience, limits_for_list(limit))
            return keep_an_answer(ranked.matches, limit)

    def to_items(
        self, item_ids: Sequence[int], *, audience: Audience, limit: int, kind: str | None = None
    ) -> dict[int, list[Match]]:
        """Return what is most similar to stored items, by id, without pairs that people ruled out.

        `kind` is what to look for, where it is not the kind of the items themselves.
        """
        with self.database.read() as session:
            queries = load_compared_items(session, self.judge.vectors, item_ids)
            excluded = ruled_out(session, item_ids)
            most = max(Counter(item_id for item_id, _ in excluded).values(), default=0)
            by_kind: dict[str, list[ComparedItem]] = defaultdict(list)
            for query in queries.values():
                wanted = kind or query.kind
                by_kind[wanted].append(replace(query, kind=wanted))
            found: dict[int, list[Match]] = {item_id: [] for item_id in item_ids}
            for group in by_kind.values():
                ranked = self.judge.rank(session, group, audience, limits_for_list(limit + most))
                for query, one in zip(group, ranked, strict=True):
                    item_id = query.item_id or 0
                    kept = [
                        match for match in one.matches if (item_id, match.item_id) not in excluded
                    ]
                    found[item_id] = keep_an_answer(kept, limit)
        return found

    def to_mixture(
        self,
        like: Sequence[int | str],
        unlike: Sequence[int | str],
        *,
        audience: Audience,
        limit: int,
    ) -> list[Match]:
        """Return the tickets similar to the `like` and not to the `unlike`: item ids, or texts.

        The query is the mean of `like` minus the mean of `unlike`, scaled to unit length. Raises
        `InputError` where nothing is left of it.
        """
        with self.database.read() as session:
            direction = self._mean(session, like)
            if unlike:
                direction = direction - self._mean(session, unlike)
            length = float(np.linalg.norm(direction))
            if length < MIN_QUERY_NORM:
                raise InputError(SAME_SIDES)
            text = " ".join(one for one in like if isinstance(one, str))
            query = ComparedItem.of_text(text, "ticket", (direction / length)[None, :])
            named = {one for one in (*like, *unlike) if isinstance(one, int)}
            limits = limits_for_list(limit + len(named))
            (ranked,) = self.judge.rank(session, [query], audience, limits)
            kept = [match for match in ranked.matches if match.item_id not in named]
            return keep_an_answer(kept, limit)

    def _mean(self, session: Session, parts: Sequence[int | str]) -> NDArray[np.float32]:
        """Return the mean of the parts' vectors, shape `(dim,)`, each the mean of its chunks.

        Raises `InputError` for a part without words.
        """
        ids = [one for one in parts if isinstance(one, int)]
        source = self.judge.vectors
        stored = source.vectors_of(session, ids)
        vectors = [stored[one] if isinstance(one, int) else source.encode(one) for one in parts]
        if not vectors or not all(len(one) for one in vectors):
            raise InputError(NO_WORDS)
        means = np.stack([one.mean(axis=0) for one in vectors])
        return np.asarray(means.mean(axis=0), dtype=np.float32)
