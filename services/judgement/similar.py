"""What is similar to an item, to a text, or to some texts but not to others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from models import Database, Item
from models.queries import items_by_id
from services.channels.audience import Audience
from services.errors import InputError
from services.issues.verdicts import ruled_out
from services.judgement.bands import Band, Match, keep_an_answer, merge_chunks
from services.judgement.candidate_limits import limits_for_list
from services.judgement.compared_items import ComparedItem, load_compared_items
from services.judgement.judge import Judge
from services.judgement.shown_similarity import SIMILAR_SIMILARITY
from services.memory.similarity_scale import scale_of
from services.phrases import phrase
from services.text.comparing.terms import terms
from services.text.words.function_words import DECIDING, NEUTRAL, Language, language_of
from services.text.words.stems import stem

# Where the difference of two unit vectors is shorter than this, they are practically the same.
MIN_QUERY_NORM = 0.05

# How many of the tickets most similar to the wanted side a mixture is looked for among.
MAX_MIXED = 200

# Where a ticket is not so much nearer to one side, words that it has of one alone decide: a model
# that knows a language badly puts its single words near to all that is written in it. Words of so
# many letters count within others: "Aufzug" in "Aufzugtür".
SHARED_WORD, MIN_WITHIN = 0.05, 4

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
                by_kind[wanted].append(query.looking_for(wanted))
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
        min_similarity: float,
    ) -> list[Match]:
        """Return the tickets similar to the `like` and not to the `unlike`: item ids, or texts.

        Only tickets that are as similar as `min_similarity` to one of the `like`, and less similar
        to each of the `unlike`, are found; that similarity is the one of their match. They are
        ordered by the mean of `like` minus the mean of `unlike`, scaled to unit length. Raises
        `InputError` if nothing is left of it.
        """
        with self.database.read() as session:
            wanted, unwanted = self._vectors(session, like), self._vectors(session, unlike)
            if not wanted:
                raise InputError(NO_WORDS)
            direction = _mean(wanted) - _mean(unwanted) if unwanted else _mean(wanted)
            length = float(np.linalg.norm(direction))
            if length < MIN_QUERY_NORM:
                raise InputError(SAME_SIDES)
            named = [one for one in (*like, *unlike) if isinstance(one, int)]
            others = audience.among((Item.kind == "ticket") & Item.id.not_in(named))
            scale = scale_of(session, self.judge.fingerprint)
            found, leads = self._nearer(wanted, unwanted, others, scale.to_own(min_similarity))
            close = [item_id for item_id, lead in leads.items() if abs(lead) < SHARED_WORD]
            leads |= _leads_by_words(session, close, like, unlike)
            found = {item_id: near for item_id, near in found.items() if leads[item_id] >= 0}
            text = " ".join(one for one in like if isinstance(one, str))
            query = ComparedItem.of_text(text, "ticket", (direction / length)[None, :])
            among = audience.among(Item.id.in_(list(found)))
            limits = replace(limits_for_list(limit), answered=0)
            (ranked,) = self.judge.rank(session, [query], among, limits)
        best = ranked.matches[:limit]
        # What verdicts taught is about two tickets, not about a mixture.
        near = scale.to_default(np.array([found[one.item_id] for one in best])).tolist()
        return [
            Match(one.item_id, similarity, one.score, None, _band(similarity))
            for one, similarity in zip(best, near, strict=True)
        ]

    def _vectors(self, session: Session, parts: Sequence[int | str]) -> list[NDArray[np.float32]]:
        """Return the vectors of each part's chunks, each of shape `(chunks, dim)`.

        Raises `InputError` for a part without words.
        """
        source = self.judge.vectors
        stored = source.vectors_of(session, [one for one in parts if isinstance(one, int)])
        vectors = [stored[one] if isinstance(one, int) else source.encode(one) for one in parts]
        if not all(len(one) for one in vectors):
            raise InputError(NO_WORDS)
        return vectors

    def _nearer(
        self,
        wanted: Sequence[NDArray[np.float32]],
        unwanted: Sequence[NDArray[np.float32]],
        audience: Audience,
        min_similarity: float,
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Return how near items are to the wanted parts, and how much nearer than to the unwanted.

        Those that are much nearer to the unwanted are left out.
        """
        similar = self._similarities(wanted, audience, MAX_MIXED)
        near = audience.among(Item.id.in_(list(similar)))
        against = self._similarities(unwanted, near, len(similar))
        leads = {one: similarity - against.get(one, -1.0) for one, similarity in similar.items()}
        found = {
            item_id: similarity
            for item_id, similarity in similar.items()
            if similarity >= min_similarity and leads[item_id] > -SHARED_WORD
        }
        return found, {item_id: leads[item_id] for item_id in found}

    def _similarities(
        self, parts: Sequence[NDArray[np.float32]], audience: Audience, limit: int
    ) -> dict[int, float]:
        """Return the items nearest to any of the parts, with the cosine to the nearest part."""
        if not parts:
            return {}
        found = self.judge.index.search(
            np.concatenate(parts),
            workspace_id=audience.workspace_id,
            limit=limit,
            where=audience.items,
        )
        return {one.item_id: one.similarity for one in merge_chunks(found)}


def _leads_by_words(
    session: Session,
    item_ids: Iterable[int],
    like: Sequence[int | str],
    unlike: Sequence[int | str],
) -> dict[int, float]:
    """Return 1 for items that have a word of the wanted texts alone, and -1 for the other side.

    Others are left out, and so are all where items are named, which have many words.
    """
    if not all(isinstance(one, str) for one in (*like, *unlike)):
        return {}
    texts = [" ".join(map(str, side)) for side in (like, unlike)]
    language = language_of(terms(" ".join(texts)))
    of_like, of_unlike = (_said(text, language) for text in texts)
    sides = (of_like - of_unlike, of_unlike - of_like)
    found: dict[int, float] = {}
    for item_id, item in items_by_id(session, item_ids).items():
        words = _said(f"{item.title or ''}\n{item.text}", language)
        wanted, unwanted = (any(_is_within(one, words) for one in side) for side in sides)
        if wanted != unwanted:
            found[item_id] = 1.0 if wanted else -1.0
    return found


def _is_within(one: str, words: Iterable[str]) -> bool:
    """Say whether a word is among others, or within one of them if it is long."""
    return any(one == word or (len(one) >= MIN_WITHIN and one in word) for word in words)


def _said(text: str, language: Language) -> set[str]:
    """Return the stems of the words of a text that mean something."""
    empty = NEUTRAL[language] | DECIDING[language]
    return {stem(word, language) for word in terms(text) if word not in empty}


def _mean(parts: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the mean of the parts, shape `(dim,)`, each the mean of its chunks."""
    means = np.stack([one.mean(axis=0) for one in parts])
    return np.asarray(means.mean(axis=0), dtype=np.float32)


def _band(similarity: float) -> Band | None:
    return "similar" if similarity >= SIMILAR_SIMILARITY else None
