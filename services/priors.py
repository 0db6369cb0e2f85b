"""What is taken for granted of a kind of items before a team has decided anything.

Learned on all public sets of the kind by `python -m benchmarks.judgement` (2026-11-24). It gives a
direction to a team's own model and never judges alone: a model carried over from other teams is
worse than plain cosine.
"""

from __future__ import annotations

from services.calibration import Prior

# Similarity and a rare word in common speak for a duplicate; a crowded neighbourhood, other codes
# and another price against. The rest has no say until a team's verdicts give it one.
PRIORS = {
    "ticket": Prior(
        mean=(0.5615, 0.5333, 0.3135, 0.2122, 0.0, 0.2025, 0.1, 0.4896, 0.0178, 0.0, 3.4, 0.5),
        scale=(0.2798, 0.1319, 0.2692, 0.2451, 1.0, 0.2316, 0.2616, 0.2004, 0.0475, 1.0, 1.5, 0.5),
        weights=(1.6776, -0.6464, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1537, -1.3127, 0.0, 0.0, 0.0),
    ),
    "product": Prior(
        mean=(
            0.7363, 0.727, 0.562, 0.4358, 0.6312, 0.4792, 0.3366, 0.6313, 0.1278, 0.5082, 3.4, 0.5,
        ),
        scale=(
            0.2603, 0.1378, 0.3124, 0.3337, 0.294, 0.317, 0.3798, 0.1672, 0.1505, 0.5624, 1.5, 0.5,
        ),
        weights=(0.3163, -0.1556, 0.0, 0.0, 0.0, 0.0, 0.134, 2.0604, -1.4188, -1.4347, 0.0, 0.0),
    ),
}  # fmt: skip
