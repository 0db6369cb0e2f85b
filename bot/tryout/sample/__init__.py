"""The sample workspace: the support channels of a fictional company, to try Déjà out."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True)
class SampleTicket:
    """A ticket of the sample; `group` names its problem if other tickets report it, too."""

    id: str
    channel: str
    author: str
    days_ago: float
    text: str
    language: str
    status: str
    resolution: str | None
    group: str | None
    near_miss_of: str | None


@dataclass(frozen=True)
class SampleMessage:
    """A new message of the scripted conversation; `expect` is the group it belongs to, or None."""

    channel: str
    author: str
    text: str
    expect: str | None


@cache
def workspace() -> dict[str, Any]:
    """Return the workspace, its users and channels."""
    loaded: dict[str, Any] = yaml.safe_load(_read("workspace.yaml"))
    return loaded


@cache
def tickets() -> list[SampleTicket]:
    """Return the tickets, oldest first."""
    return [SampleTicket(**json.loads(line)) for line in _read("tickets.jsonl").splitlines()]


@cache
def conversation() -> list[SampleMessage]:
    """Return the messages of the scripted conversation."""
    return [SampleMessage(**message) for message in yaml.safe_load(_read("conversation.yaml"))]


@cache
def products() -> list[dict[str, str]]:
    """Return the catalog's rows."""
    return list(csv.DictReader(_read("products.csv").splitlines()))


def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
