"""Sessions in signed cookies: who somebody is, the token of their forms, and until when."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hmac import compare_digest

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# A working day. What somebody may read is asked at each request, so this bounds stolen cookies.
SESSION_SECONDS = 12 * 3600
# How long a person may take on Slack's page that asks for consent.
SIGN_IN_SECONDS = 600


@dataclass(frozen=True)
class Session:
    """Who looks at the pages: a Slack user of a team, both "" on this machine without sign-in.

    `token` is in every form, and nobody else knows it.
    """

    team: str = ""
    user: str = ""
    token: str = ""

    @classmethod
    def start(cls, team: str = "", user: str = "") -> Session:
        """Return a new session with a token of its own."""
        return cls(team, user, secrets.token_urlsafe(24))

    def sent(self, token: str) -> bool:
        """Say whether a form of this session was sent with the token."""
        return bool(self.token) and compare_digest(self.token.encode(), token.encode())


@dataclass(frozen=True)
class SignIn:
    """A sign-in that was begun: what Slack must send back."""

    state: str
    nonce: str

    @classmethod
    def start(cls) -> SignIn:
        """Return a new one."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24))


@dataclass(frozen=True)
class Cookies:
    """Encrypts and signs cookies with a key that is derived from the installation's.

    `is_secure` says that browsers send them by HTTPS alone.
    """

    secret: str
    is_secure: bool
    clock: Callable[[], datetime]

    @property
    def session_name(self) -> str:
        """The name of the session's cookie; browsers refuse the prefix for other sites."""
        return self._name("deja")

    @property
    def sign_in_name(self) -> str:
        """The name of the cookie that lasts while somebody signs in."""
        return self._name("deja-sign-in")

    def session(self, cookies: Mapping[str, str]) -> Session | None:
        """Return the session of a request; None if it has none, a forged or an expired one."""
        found = self._open(cookies.get(self.session_name, ""), "session", SESSION_SECONDS)
        return None if found is None else Session(**found)

    def sign_in(self, cookies: Mapping[str, str]) -> SignIn | None:
        """Return the sign-in that a browser began."""
        found = self._open(cookies.get(self.sign_in_name, ""), "sign-in", SIGN_IN_SECONDS)
        return None if found is None else SignIn(**found)

    def keep_session(self, session: Session) -> tuple[str, str]:
        """Return the header that stores a session in the browser."""
        values = {"team": session.team, "user": session.user, "token": session.token}
        return self._header(self.session_name, self._seal("session", values), SESSION_SECONDS)

    def keep_sign_in(self, begun: SignIn) -> tuple[str, str]:
        """Return the header that stores a sign-in that was begun."""
        values = {"state": begun.state, "nonce": begun.nonce}
        return self._header(self.sign_in_name, self._seal("sign-in", values), SIGN_IN_SECONDS)

    def forget(self, name: str) -> tuple[str, str]:
        """Return the header that removes a cookie."""
        return self._header(name, "", 0)

    @cached_property
    def _fernet(self) -> Fernet:
        derived = HKDF(SHA256(), 32, salt=None, info=b"deja dashboard cookies")
        return Fernet(urlsafe_b64encode(derived.derive(self.secret.encode())))

    def _seal(self, purpose: str, values: Mapping[str, str]) -> str:
        text = json.dumps({"purpose": purpose, **values}).encode()
        return self._fernet.encrypt_at_time(text, int(self.clock().timestamp())).decode()

    def _open(self, cookie: str, purpose: str, seconds: int) -> dict[str, str] | None:
        """Return the values of a cookie that was made for a purpose, not too long ago."""
        try:
            now = int(self.clock().timestamp())
            text = self._fernet.decrypt_at_time(cookie.encode(), seconds, now)
        except (InvalidToken, UnicodeEncodeError):
            return None
        values: dict[str, str] = json.loads(text)
        return values if values.pop("purpose", "") == purpose else None

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.is_secure else name

    def _header(self, name: str, value: str, seconds: int) -> tuple[str, str]:
        # Lax: the way back from Slack's page is a link of another site.
        rest = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"
        return "Set-Cookie", f"{name}={value}; {rest}{'; Secure' if self.is_secure else ''}"
