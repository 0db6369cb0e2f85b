"""Signatures of Standard Webhooks (standardwebhooks.com), symmetric, version 1."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.errors import InputError

PREFIX = "whsec_"

# The specification asks for 24 to 64 bytes.
SECRET_BYTES = 32

# How far the clock of a sender may be off, and how old a message may be that is sent again.
TOLERANCE = timedelta(minutes=5)

# An id is part of a job's key. Senders use UUIDs and the like.
MAX_ID_LENGTH = 200
_ID = re.compile(rf"[\x21-\x7e]{{1,{MAX_ID_LENGTH}}}")
_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)

# Signatures of one message that are looked at. A sender has one for each secret it knows.
MAX_SIGNATURES = 16


def new_secret() -> str:
    """Return a new random secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message, as the header has it."""
    return "v1," + base64.b64encode(_digest(secret, message_id, str(timestamp), body)).decode()


def check_signature(
    keys: Sequence[str],
    *,
    message_id: str,
    timestamp: str,
    signatures: str,
    body: bytes,
    now: datetime,
) -> None:
    """Raise `InputError` unless one of `keys` signed the message within the tolerance of now."""
    if not (message_id and timestamp and signatures):
        raise InputError("webhook-id, webhook-timestamp or webhook-signature is missing")
    if not _ID.fullmatch(message_id):
        raise InputError(f"webhook-id must have 1 to {MAX_ID_LENGTH} characters and no space")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise InputError("webhook-timestamp must be in seconds since 1970")
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        raise InputError("webhook-timestamp is more than five minutes away from now")
    given = [_signature(one) for one in signatures.split()[:MAX_SIGNATURES]]
    expected = [_digest(key, message_id, timestamp, body) for key in keys]
    # All are compared, so that the time says nothing about which one is right.
    if not sum(hmac.compare_digest(one, other) for one in given for other in expected):
        raise InputError("the signature is wrong")


def _signature(given: str) -> bytes:
    version, _, encoded = given.partition(",")
    if version != "v1":
        return b""
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _digest(secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return hmac.new(key, signed, hashlib.sha256).digest()
