"""A Slack export as large as a company's: 80,000 messages, 4,600 of them at the start of a thread.

The shape is that of real exports: channels of very different size, most messages short, a quarter
of them replies, and many that say nothing of a matter. The tickets are those of the public sets.
"""

from __future__ import annotations

import json
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MESSAGES, THREADS = 80_000, 4_600
CHANNELS, PEOPLE, DAYS = 12, 300, 700
REPLIES = 5
FIRST_TS = 1_735_700_000

TALK = (
    "thanks!", "ok thanks", "good morning everyone", "any news?", "same here", "+1", "danke dir",
    "still broken, sorry", "works again", "it's the one next to the kitchen", "see screenshot",
)  # fmt: skip
MARK = [{"name": "white_check_mark", "users": ["U00001"], "count": 1}]

# What a message of a channel is, if no thread starts with it.
SHARES = {"ticket": 35, "talk": 45, "join": 10, "bot": 10}


def write_export(path: Path, texts: Sequence[str], messages: int, threads: int) -> int:
    """Write an export as a ZIP; return how many messages it has.

    A smaller one is of fewer days, not of emptier ones.
    """
    random_ = random.Random(18)
    days: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for channel, message in _messages(random_, texts, messages, threads):
        day = int(float(message["ts"]) - FIRST_TS) // 86_400
        days[channel, day].append(message)
    channels = [{"id": f"C{one:09d}", "name": f"channel-{one}"} for one in range(CHANNELS)]
    users = [{"id": f"U{one:05d}", "name": f"user{one}"} for one in range(PEOPLE)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("channels.json", json.dumps(channels))
        archive.writestr("users.json", json.dumps(users))
        for (channel, day), of_day in sorted(days.items()):
            date = datetime.fromtimestamp(FIRST_TS + day * 86_400, UTC).date()
            of_day.sort(key=lambda one: float(one["ts"]))
            archive.writestr(f"channel-{channel}/{date}.json", json.dumps(of_day, indent=4))
    return sum(map(len, days.values()))


def _messages(
    random_: random.Random, texts: Sequence[str], messages: int, threads: int
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield messages with the numbers of their channels: all threads, then what is around them."""
    sizes = [1 / (one + 1) for one in range(CHANNELS)]
    left, seconds = messages, 86_400 * DAYS * messages // MESSAGES
    for _ in range(threads):
        [channel] = random_.choices(range(CHANNELS), sizes)
        parent = _message(random_, random_.choice(texts), seconds)
        replies = min(random_.randint(1, 2 * REPLIES - 1), left - 1)
        yield channel, parent | {"thread_ts": parent["ts"], "reply_count": replies}
        answer = random_.randrange(2 * replies) if replies else 0
        for place in range(replies):
            ts = f"{float(parent['ts']) + 60 * (place + 1):.6f}"
            reply = _message(random_, random_.choice((*TALK, random_.choice(texts))), seconds)
            reply |= {"ts": ts, "thread_ts": parent["ts"]}
            yield channel, reply | ({"reactions": MARK} if place == answer else {})
        left -= replies + 1
    for _ in range(left):
        [channel] = random_.choices(range(CHANNELS), sizes)
        [kind] = random_.choices(list(SHARES), list(SHARES.values()))
        text = random_.choice(texts) if kind == "ticket" else random_.choice(TALK)
        more = {"subtype": "channel_join"} if kind == "join" else {}
        more |= {"bot_id": "B1", "subtype": "bot_message"} if kind == "bot" else {}
        yield channel, _message(random_, text, seconds) | more


def _message(random_: random.Random, text: str, seconds: int) -> dict[str, Any]:
    ts = f"{FIRST_TS + random_.randrange(seconds)}.{random_.randrange(1_000_000):06d}"
    block = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {
        "type": "message", "user": f"U{random_.randrange(PEOPLE):05d}", "ts": ts, "text": text,
        "team": "T00000001", "client_msg_id": f"{random_.getrandbits(128):032x}",
        "blocks": [{"type": "rich_text", "block_id": "b1", "elements": [block]}],
    }  # fmt: skip
