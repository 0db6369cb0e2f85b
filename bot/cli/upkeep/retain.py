"""`deja retain`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import click
from rich.console import Console
from sqlalchemy.orm import Session

from bot.cli.group import CommandGroup
from bot.cli.options import WORKSPACE
from bot.cli.terminal import (
    console,
    load_settings,
    me,
    notes,
    open_database,
    print_json,
    print_table,
    progress_bar,
)
from bot.clock import utc_now
from services.channels.settings import find_channel
from services.erasure.retention import (
    MAX_DAYS,
    STATES,
    RuleState,
    in_words,
    list_rules,
    nothing_old,
    remove_rule,
    set_rule,
    too_old,
)
from services.memory.workspaces import find_workspace

if TYPE_CHECKING:
    from models import Channel

_SPAN = re.compile(r"([0-9]{1,6})\s*([dwy])", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "y": 365}
_NEVER = "never"

# Titles of what `deja retain run` counts, and their names in JSON.
_WOULD, _ERASED = "Would be erased", "Erased"
_JSON_NAMES = {_WOULD: "would_erase", _ERASED: "erased"}


class KeptSpan(click.ParamType):  # type: ignore[type-arg]  # generic only in the newest click
    """How long: `90d`, `26w`, `2y`, or `never`. Converts to days, 0 for never."""

    name = "span"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the days."""
        if isinstance(value, int):
            return value
        text = str(value).strip().lower()
        span = _SPAN.fullmatch(text)
        if text == _NEVER:
            return 0
        days = 0 if span is None else int(span[1]) * _DAYS[span[2].lower()]
        if not 1 <= days <= MAX_DAYS:
            self.fail(f"{value!r} is no span such as 90d, 26w or 2y, nor 'never'.", param, ctx)
        return days


SPAN = KeptSpan()
CHANNEL = click.option("--channel", metavar="NAME", help="Of this channel; without it: of all.")


@click.group(cls=CommandGroup)
def retain() -> None:
    """Set how long tickets are kept; what is older is erased once a day.

    Without a rule everything is kept. What people decided stays on record without the text.
    """


@retain.command("set")
@click.option("--solved", type=SPAN, metavar="SPAN", help="How long after their answer.")
@click.option("--open", "open_", type=SPAN, metavar="SPAN", help="How long after they came.")
@CHANNEL
@WORKSPACE
def set_(solved: int | None, open_: int | None, channel: str | None, team_id: str | None) -> None:
    """Set how long solved and open tickets are kept.

    A SPAN is 90d, 26w, 2y or never. A rule of a channel goes before that of all channels. Nothing
    is erased at once: `deja retain run --dry-run` shows what will be.

    \b
    Examples:
      deja retain set --solved 2y --open 3y
      deja retain set --channel "#hr" --solved 90d
    """
    spans = {"solved": solved, "open": open_}
    chosen = {state: days for state, days in spans.items() if days is not None}
    if not chosen:
        raise click.UsageError("Say --solved, --open or both.")
    with open_database() as database, database.write() as session:
        workspace_id, place = _place(session, team_id, channel)
        for state, days in chosen.items():
            set_rule(
                session, workspace_id, place, cast(RuleState, state), days or None,
                by=me(), now=utc_now(),
            )  # fmt: skip
    for state, days in chosen.items():
        notes.print(
            f"{state.capitalize()} tickets {_where(channel)}: {in_words(days or None)}.",
            markup=False,
        )


@retain.command("list")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per rule.")
def list_(team_id: str | None, as_json: bool) -> None:
    """List the rules.

    Example: deja retain list
    """
    with open_database() as database, database.read() as session:
        rules = list_rules(session, find_workspace(session, team_id).id)
    if as_json:
        for one in rules:
            print_json({"channel": one.channel, "state": one.state, "days": one.days})
    elif not rules:
        console.print("There are no rules: everything is kept.")
    else:
        rows = [[one.channel or "all others", one.state, in_words(one.days)] for one in rules]
        print_table("Retention", ["channel", "tickets", "kept for"], rows)


@retain.command("remove")
@click.argument("state", type=click.Choice(STATES))
@CHANNEL
@WORKSPACE
def remove(state: str, channel: str | None, team_id: str | None) -> None:
    """Remove the rule for solved or open tickets.

    Example: deja retain remove open
    """
    with open_database() as database, database.write() as session:
        workspace_id, place = _place(session, team_id, channel)
        remove_rule(session, workspace_id, place, cast(RuleState, state), by=me(), now=utc_now())
    notes.print(f"The rule for {state} tickets {_where(channel)} is removed.", markup=False)


@retain.command("run")
@click.option("--dry-run", is_flag=True, help="Only count what would be erased.")
@click.option("--yes", "-y", "is_sure", is_flag=True, help="Do not ask.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def run(dry_run: bool, is_sure: bool, team_id: str | None, as_json: bool) -> None:
    """Erase now what is too old, as a running bot does once a day.

    It shows what it would erase and asks. The question names the date of this machine's clock,
    which nothing else checks here: a running bot compares it with Slack's. An erasure by age that
    was interrupted is finished without a question.

    Example: deja retain run --dry-run
    """
    from services.erasure.preview import preview
    from services.erasure.register import is_interrupted

    settings, now = load_settings(), utc_now()
    with open_database(settings) as database:
        with database.read() as session:
            workspace_id = find_workspace(session, team_id).id
            subject = too_old(session, workspace_id, now) or nothing_old(workspace_id)
            found = preview(session, subject)
            was_interrupted = is_interrupted(session, subject)
        if dry_run or not (found.item_ids or was_interrupted):
            _show(_WOULD if dry_run else _ERASED, found.counts, as_json)
            if was_interrupted:
                notes.print("An erasure by age was interrupted: `deja retain run` goes on with it.")
            return
        if found.item_ids and not is_sure:
            _show(_WOULD, found.counts, as_json=False, to=notes)
            click.confirm(
                f"By this machine's clock it is {now:%Y-%m-%d}. Erase this? It cannot be undone",
                abort=True,
                err=True,
            )
        from bot.erasure.erase import Eraser

        with progress_bar("Erasing", len(found.item_ids)) as advance:
            done = Eraser(database, settings, me(), utc_now).erase(subject, advance)
    if was_interrupted:
        notes.print("The erasure by age that was interrupted is finished.")
    _show(_ERASED, done.counts, as_json)


def _show(title: str, counts: Mapping[str, int], as_json: bool, to: Console = console) -> None:
    kept = {name: number for name, number in sorted(counts.items()) if number}
    if as_json:
        print_json({_JSON_NAMES[title]: kept})
    elif not kept:
        console.print("Nothing is too old.")
    else:
        rows = [[name, f"{number:,}"] for name, number in kept.items()]
        print_table(title, ["what", "how many"], rows, to=to)


def _place(
    session: Session, team_id: str | None, channel: str | None
) -> tuple[int, Channel | None]:
    workspace_id = find_workspace(session, team_id).id
    return workspace_id, None if channel is None else find_channel(session, workspace_id, channel)


def _where(channel: str | None) -> str:
    return "of all other channels" if channel is None else f"of {channel}"
