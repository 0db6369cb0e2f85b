"""Simpler blocks, for a Slack that refuses those of a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Block = dict[str, Any]

# What Slack says of a message whose blocks it does not take; simpler ones may pass.
REFUSALS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


def simpler_versions(blocks: Sequence[Block], *, carousels: bool) -> Iterator[list[Block]]:
    """Yield the blocks as they are, with lists in place of `carousels`, and none: the text alone.

    Not every Slack knows carousels yet.
    """
    listed = [simpler for block in blocks for simpler in _listed(block)]
    if carousels and listed != list(blocks):
        yield list(blocks)
    yield listed
    if blocks:
        yield []


def _listed(block: Block) -> Iterator[Block]:
    """Yield a section for each card of a carousel, and any other block as it is."""
    if block.get("type") != "carousel":
        yield block
        return
    for card in block["elements"]:
        texts = [card[part]["text"] for part in ("title", "subtitle", "body") if part in card]
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(texts)}}
        if "hero_image" in card:
            section["accessory"] = card["hero_image"]
        yield section
