"""Signing in with Slack, by OpenID Connect: https://docs.slack.dev/authentication/sign-in-with-slack/."""

from __future__ import annotations

import binascii
import json
import logging
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any
from urllib.parse import quote

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth import OpenIDConnectAuthorizeUrlGenerator

from bot.slack.errors import outage_of
from bot.slack.web_api import NO_ANSWER
from bot.web.sessions import Session, SignIn
from services.errors import NotAllowedError, UnavailableError
from services.phrases import phrase

# Where Slack leads back to.
DONE_PATH = "/sign-in/done"

ISSUER = "https://slack.com"
TEAM_CLAIM, USER_CLAIM = "https://slack.com/team_id", "https://slack.com/user_id"

NOT_SIGNED_IN = phrase(
    "You are not signed in, because Slack or your browser did not confirm it. Try again."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SlackSignIn:
    """Slack's OpenID Connect for one app. `team` is the only one that may sign in, None for all."""

    client: WebClient
    client_id: str
    client_secret: str
    url: str
    clock: Callable[[], datetime]
    team: str | None = None

    def address(self, begun: SignIn) -> str:
        """Return the address of Slack's page that asks for consent."""
        pages = OpenIDConnectAuthorizeUrlGenerator(
            client_id=quote(self.client_id, safe=""),
            redirect_uri=quote(self._redirect, safe=""),
            scopes=["openid"],
        )
        return pages.generate(begun.state, begun.nonce, self.team)

    def finish(self, begun: SignIn | None, query: Mapping[str, str]) -> Session:
        """Return the session of the person whom Slack sent back.

        Raises `NotAllowedError` unless Slack vouches for them now, to the browser that began, and
        `UnavailableError` if Slack does not answer.
        """
        state, code = query.get("state", ""), query.get("code", "")
        if begun is None or not code or not compare_digest(begun.state.encode(), state.encode()):
            raise NotAllowedError(NOT_SIGNED_IN)
        claims = _claims(self._id_token(code))
        team, user = claims.get(TEAM_CLAIM), claims.get(USER_CLAIM)
        if not (self._are_valid(claims, begun.nonce) and team and user):
            logger.warning("a sign-in was refused: the identity token is not for this sign-in")
            raise NotAllowedError(NOT_SIGNED_IN)
        return Session.start(str(team), str(user))

    @property
    def _redirect(self) -> str:
        return f"{self.url}{DONE_PATH}"

    def _id_token(self, code: str) -> str:
        try:
            response = self.client.openid_connect_token(
                client_id=self.client_id,
                client_secret=self.client_secret,
                code=code,
                redirect_uri=self._redirect,
            )
        except SlackApiError as error:
            if outage_of(error) is not None:
                raise UnavailableError("Slack does not answer") from error
            logger.warning("a sign-in was refused: %s", error.response.get("error"))
            raise NotAllowedError(NOT_SIGNED_IN) from error
        except NO_ANSWER as error:
            raise UnavailableError("Slack does not answer") from error
        return str(response.get("id_token") or "")

    def _are_valid(self, claims: Mapping[str, Any], nonce: str) -> bool:
        """Say whether claims are Slack's, for this app, of this sign-in and still valid.

        The token came from Slack itself by TLS, which the specification accepts in place of its
        signature (OpenID Connect Core 1.0, section 3.1.3.7, number 6).
        """
        expires = claims.get("exp")
        return (
            claims.get("iss") == ISSUER
            and claims.get("aud") == self.client_id
            and compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode())
            and isinstance(expires, int)
            and expires > self.clock().timestamp()
            and self.team in {None, claims.get(TEAM_CLAIM)}
        )


def _claims(token: str) -> dict[str, Any]:
    """Return the claims of an identity token, none if it is no token."""
    parts = token.split(".")
    try:
        found = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, binascii.Error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
