"""Where a candidate stands among those of one query: what the others say about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Placing:
    """Where a candidate stands among the candidates of one query.

    - `score`: what orders them, in long lists before a walk (`ranking.walk_gains`)
    - `cosine`: raw cosine of the best chunk pair, in [-1, 1], on the default model's scale
    - `similarity`: the same, centred, and on no scale
    - `density`: the candidate's centred density, in [-1, 1]
    - `words`: cosine of the TF-IDF vectors; `bm25`: BM25 both ways (`TermMatrix.mutual_bm25`)
    - `gap`: of the best, how much more similar it is than the next four; at least 0, of others 0
    - `lead`: similarity less the mean of the four best others; 0 where there are none
    - `rank_back`: how many of the other candidates are more similar to the candidate than the query
    - `same_picture`: whether both show a picture that hardly any other ticket shows
    - `same_error`: 1 if both show an error that is called the same way, one half if they show one
      of the same type at the same place, else 0
    """

    score: float
    cosine: float
    similarity: float
    density: float
    words: float
    bm25: float
    gap: float
    lead: float
    rank_back: int
    same_picture: bool = False
    same_error: float = 0.0
