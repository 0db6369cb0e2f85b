"""Secrets are encrypted with the newest key and decrypted with whichever was used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.types import Sealed, SealedText
from services.errors import SettingsError
from services.secrets.keyring import MissingKeyError, is_key, key_id, key_of, new_key
from tests.keys import KEY, OTHER_KEY, keyring

TOKEN = "xoxb-1-abc"


@given(st.text())
def test_what_is_encrypted_is_decrypted(secret: str) -> None:
    """Whatever it is, and it does not show; lone surrogates are in no token."""
    try:
        secret.encode()
    except UnicodeEncodeError:
        return
    ring = keyring(KEY)
    sealed = ring.seal(secret)
    assert ring.open(sealed) == secret
    assert key_of(sealed) == key_id(KEY)
    assert len(secret) < 8 or secret not in sealed.text


def test_an_old_key_still_opens_what_it_closed() -> None:
    """What is new is encrypted with the newest key."""
    old = keyring(KEY).seal(TOKEN)
    both = keyring(OTHER_KEY, KEY)
    assert both.open(old) == TOKEN
    assert key_of(both.seal(TOKEN)) == key_id(OTHER_KEY) != key_id(KEY)


def test_a_missing_key_is_named_in_one_line() -> None:
    """The line says which key, where it belongs, and what to do if it is lost; no secret."""
    sealed = keyring(KEY).seal(TOKEN)
    with pytest.raises(MissingKeyError) as raised:
        keyring(OTHER_KEY).open(sealed)
    line = str(raised.value)
    assert key_id(KEY) in line
    assert "not here" in line
    assert "deja secrets forget" in line
    assert not any(secret in line for secret in (KEY, OTHER_KEY, TOKEN, sealed.text, "\n"))


def test_a_damaged_secret_is_told_from_a_missing_key() -> None:
    """Its key is there, but it was changed."""
    sealed = keyring(KEY).seal(TOKEN)
    damaged = Sealed(sealed.text[:-6] + "AAAA==")
    with pytest.raises(SettingsError, match="is damaged"):
        keyring(KEY).open(damaged)


def test_what_an_older_version_stored_is_read_as_it_is() -> None:
    """Until it is encrypted, also where it looks a little like an encrypted one."""
    for text in (TOKEN, "whsec_AAAA", "deja1:", "deja1:short:x"):
        assert keyring(KEY).open(Sealed(text)) == text
        assert key_of(Sealed(text)) is None


def test_a_key_has_a_form() -> None:
    """32 bytes in URL-safe base64, as cryptography takes them."""
    assert is_key(new_key())
    assert is_key(KEY)
    for wrong in ("", "x", KEY[:-1], KEY + "A", "ä" * 44, "A" * 43 + "\x00", "." * 43 + "="):
        assert not is_key(wrong), wrong


def test_nothing_secret_is_shown() -> None:
    """Neither by an encrypted secret nor by one of an older version."""
    assert TOKEN not in repr(Sealed(TOKEN))


def test_plain_text_cannot_be_stored_by_mistake() -> None:
    """The column takes nothing but a secret that was encrypted."""
    with pytest.raises(TypeError, match="must be encrypted"):
        SealedText().process_bind_param(TOKEN, None)  # type: ignore[arg-type]
