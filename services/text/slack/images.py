"""The pictures of a Slack message, and what was read in them as part of its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.text.slack.blocks import literal
from services.text.slack.files import files_of

MIME_TYPES = frozenset({"image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"})

# In bytes. A screenshot of a large screen has about two million.
MAX_IMAGE_BYTES = 10_000_000

# Pictures of one message that are read; nobody reports one fault with more.
MAX_IMAGES = 5

MAX_ID_LENGTH = 64


@dataclass(frozen=True)
class ImageFile:
    """A picture in Slack: its file id, and where the bot may fetch it with its token."""

    id: str
    url: str


def images_of(message: Mapping[str, Any]) -> tuple[ImageFile, ...]:
    """Return the pictures of a message that can be fetched and are not too large."""
    found = (_image(file) for file in files_of(message))
    return tuple([one for one in found if one is not None][:MAX_IMAGES])


def _image(file: Mapping[str, Any]) -> ImageFile | None:
    id_, size = file.get("id"), file.get("size")
    url = file.get("url_private_download") or file.get("url_private")
    if not isinstance(id_, str) or not 0 < len(id_) <= MAX_ID_LENGTH or not isinstance(url, str):
        return None
    # What is kept elsewhere (Google Drive, say) is not Slack's to give.
    is_elsewhere = file.get("is_external") is True or file.get("mode") == "external"
    is_too_large = isinstance(size, int) and size > MAX_IMAGE_BYTES
    if file.get("mimetype") not in MIME_TYPES or is_elsewhere or is_too_large:
        return None
    return ImageFile(id_, url)


def with_image_texts(text: str, read: Iterable[str]) -> str:
    """Return a message's text, in Slack's markup, followed by what was read in its pictures."""
    return "\n".join(part for part in (text, *map(literal, read)) if part)
