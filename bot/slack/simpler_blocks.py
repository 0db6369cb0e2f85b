"""Simpler blocks, for a Slack that refuses those of a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Block = dict[str, Any]

# What Slack says of a message whose blocks it does not take; simpler ones may pass.
REFUSALS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


# Of a block that is none of Slack's: it stands for its "rich" blocks, or for its "plain" ones.
EITHER = "deja_either"


def either(rich: Sequence[Block], plain: Sequence[Block]) -> Block:
    """Return blocks that not every Slack knows, with those that say the same."""
    return {"type": EITHER, "rich": list(rich), "plain": list(plain)}


def simpler_versions(blocks: Sequence[Block], *, carousels: bool) -> Iterator[list[Block]]:
    """Yield the blocks as they are, with lists in place of carousels and tables, and none at all.

    Not every Slack knows them yet; without `carousels` they are not tried. The last version leaves
    the message's text alone.
    """
    rich = _chosen(blocks, "rich")
    listed = [simpler for block in _chosen(blocks, "plain") for simpler in _listed(block)]
    if carousels and listed != rich:
        yield rich
    yield listed
    if blocks:
        yield []


def _chosen(blocks: Sequence[Block], version: str) -> list[Block]:
    """Return the blocks with one of the versions where there are two."""
    return [
        one
        for block in blocks
        for one in (block[version] if block.get("type") == EITHER else [block])
    ]


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
