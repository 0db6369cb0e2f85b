"""Signatures of Standard Webhooks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.errors import InputError
from services.sources.signature import check_signature, new_secret, sign

# The example of Svix, who wrote the specification.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def check(
    signatures: str = SIGNATURE,
    *,
    body: bytes = BODY,
    message_id: str = MESSAGE_ID,
    timestamp: str = str(TIMESTAMP),
    later: float = 0,
) -> None:
    """Check a message of the example."""
    check_signature(
        [new_secret(), SECRET],
        message_id=message_id,
        timestamp=timestamp,
        signatures=signatures,
        body=body,
        now=datetime.fromtimestamp(TIMESTAMP + later, UTC),
    )


def test_the_published_example_is_signed_and_taken() -> None:
    """Our signature is that of the specification's authors."""
    assert sign(SECRET, MESSAGE_ID, TIMESTAMP, BODY) == SIGNATURE
    check()


@pytest.mark.parametrize(
    "signatures",
    [
        f"v1,AAAA {SIGNATURE}",
        f"v1a,unknown {SIGNATURE} v2,x",
        f"v1,no!base64 {SIGNATURE}",
        f"{SIGNATURE} {SIGNATURE}",
    ],
)
def test_one_good_signature_of_several_is_enough(signatures: str) -> None:
    """A sender that changes its secret signs with both; other versions are passed over."""
    check(signatures)


@pytest.mark.parametrize(
    "changed",
    [
        {"signatures": "v1,AAAA"},
        {"signatures": "v1,"},
        {"signatures": SIGNATURE.replace("v1,", "v2,")},
        {"signatures": SIGNATURE.removeprefix("v1,")},
        {"signatures": "v1,x " * 16 + SIGNATURE},
        {"signatures": ""},
        {"signatures": "v1,é"},
        {"body": BODY + b" "},
        {"message_id": "msg_other"},
        {"message_id": ""},
        {"message_id": "x" * 201},
        {"message_id": "a b"},
        {"timestamp": str(TIMESTAMP + 1)},
        {"timestamp": ""},
        {"timestamp": "soon"},
        {"timestamp": f"-{TIMESTAMP}"},
        {"timestamp": "9" * 400},
        {"later": 301},
        {"later": -301},
    ],
)
def test_anything_else_is_refused(changed: dict[str, str]) -> None:
    """A changed body, id, time or signature, and a message of another time."""
    with pytest.raises(InputError):
        check(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("later", [-299, 299])
def test_clocks_may_differ_by_five_minutes(later: float) -> None:
    """Within the tolerance a message is taken."""
    check(later=later)


def test_each_secret_is_another_one() -> None:
    """Secrets are random and have the prefix."""
    assert new_secret() != new_secret()
    assert new_secret().startswith("whsec_")
