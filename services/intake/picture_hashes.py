"""Perceptual hashes of pictures: the same screenshot again, in another format or size, or cut.

A hash knows the layout of a picture, not its words: dialogs of one program have nearly the same. So
where words were read in both, these must be the same, too, and where none were, only pictures with
some texture are compared: photographs, and no empty windows or logos.
"""

from __future__ import annotations

from collections.abc import Sequence

import imagehash
import numpy as np
from numpy.typing import NDArray

from services.intake.pictures import open_picture
from services.text.comparing.read_words import read_the_same, says_enough

# A difference hash of 16 x 16 bits. Of dialogs, pages and photographs made for it, in another
# format, at .33 to 1.5 of their size, or with up to 5 % cut off on each side, 95 % are within 51
# bits of the original, photographs within 37; other photographs are 62 or more apart.
HASH_SIZE = 16
MAX_DISTANCE = 52
MAX_PHOTO_DISTANCE = 40

# In pixels. Smaller ones are icons and emoji.
MIN_SIDE = 80

# Standard deviation of 0 to 255: below it a picture is blank.
MIN_CONTRAST = 8.0
# A picture is drawn, and no photograph, if so many of its points have nearly the same grey.
MAX_PLAIN_SHARE = 0.3
GREYS, SAMPLED_SIDE = 32, 64

# Pictures are reduced to this before they are hashed, which is faster and loses nothing.
REDUCED_SIDE = 512


def picture_hash(picture: bytes, read: str) -> str | None:
    """Return the hash of a picture in which `read` was read, as hexadecimal digits.

    None where it would be no evidence: icons, blank pictures, and drawn ones without words.
    """
    grey = open_picture(picture)
    if grey is None or min(grey.size) < MIN_SIDE:
        return None
    grey.thumbnail((REDUCED_SIDE, REDUCED_SIDE))
    points = np.asarray(grey.resize((SAMPLED_SIDE, SAMPLED_SIDE)))
    if points.std() < MIN_CONTRAST:
        return None
    common = np.bincount(points.ravel() // (256 // GREYS)).max() / points.size
    if common > MAX_PLAIN_SHARE and not says_enough(read):
        return None
    return str(imagehash.dhash(grey, hash_size=HASH_SIZE))


def distances(one: str, others: Sequence[str]) -> NDArray[np.int64]:
    """Return in how many bits other hashes differ from one, shape `(n,)`."""
    rows = np.frombuffer(bytes.fromhex("".join(others)), dtype=np.uint8)
    own = np.frombuffer(bytes.fromhex(one), dtype=np.uint8)
    differing = np.bitwise_count(rows.reshape(len(others), len(own)) ^ own)
    return np.asarray(differing.sum(axis=1, dtype=np.int64))


def is_same_picture(distance: int, read: str, other_read: str) -> bool:
    """Say whether two pictures are the same by the distance of their hashes and their words."""
    if says_enough(read) and says_enough(other_read):
        return distance <= MAX_DISTANCE and read_the_same(read, other_read)
    has_words = says_enough(read) or says_enough(other_read)
    return not has_words and distance <= MAX_PHOTO_DISTANCE
