"""`deja erase`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from bot.cli.group import INTERRUPTED
from bot.cli.options import WORKSPACE
from bot.cli.terminal import (
    console,
    count,
    load_settings,
    me,
    notes,
    open_database,
    print_json,
    print_table,
    progress_bar,
)
from bot.clock import utc_now
from services.errors import InputError
from services.memory.workspaces import find_workspace
from services.search.embedders.tuned_models import TunedModel, tuned_models

if TYPE_CHECKING:
    from bot.erasure.erase import ErasureResult
    from bot.erasure.index_files import BackupState
    from bot.settings import Settings
    from models import Database
    from services.erasure.preview import Preview
    from services.erasure.proof import ErasureProof
    from services.erasure.subjects import Subject


@click.command()
@click.option("--user", metavar="USER_ID", help="A person, by their id in Slack.")
@click.option("--author", metavar="NAME", help="A person, by the name in imported files.")
@click.option("--item", metavar="ITEM", help="A ticket or a product.")
@click.option("--channel", metavar="NAME", help="All that was said in a channel.")
@click.option("--resume", is_flag=True, help="Go on with what was interrupted.")
@click.option("--dry-run", is_flag=True, help="Only show what would be erased.")
@click.option("--yes", "-y", "is_sure", is_flag=True, help="Do not ask.")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def erase(
    user: str | None,
    author: str | None,
    item: str | None,
    channel: str | None,
    resume: bool,
    dry_run: bool,
    is_sure: bool,
    team_id: str | None,
    as_json: bool,
) -> None:
    """Erase a person, a ticket or a channel for good, and prove that it is gone.

    It shows what it would erase and asks. Texts, vectors, answers, words, titles of topics made
    from them and waiting work go at once; a running bot corrects its messages in Slack, or does so
    when it starts. What a person decided stays under a pseudonym. Messages that people wrote in
    Slack stay there: delete those in Slack. Tombstones keep what was erased from coming back by a
    backfill, an import or an event.

    Interrupted, it goes on with the same command or with --resume. There is no undo.

    \b
    Examples:
      deja erase --user U024BE7LH --dry-run
      deja erase --item T-1042 --yes
      deja erase --channel "#hr"
    """
    named = {"user": user, "author": author, "item": item, "channel": channel}
    chosen = {name: value for name, value in named.items() if value is not None}
    if len(chosen) + resume != 1:
        raise click.UsageError("Say one of --user, --author, --item, --channel and --resume.")
    settings = load_settings()
    with open_database(settings) as database:
        if resume:
            _resume(database, settings, as_json)
            return
        [(option, name)] = chosen.items()
        subject = _subject(database, team_id, option, name.strip())
        found = _preview(database, subject)
        interrupted = _count_interrupted(database)
        if dry_run or (found.is_empty and not interrupted):
            _show_preview(subject, found, as_json)
            _tell_of_tuned(settings, found, as_json)
            _tell_of_interrupted(interrupted, as_json)
            return
        if found.is_empty:  # where only files are left, its name is not on record any more
            _resume(database, settings, as_json)
            return
        if not is_sure:
            _ask(subject, found)
        _erase(database, settings, subject, found, as_json)


def _subject(database: Database, team_id: str | None, option: str, name: str) -> Subject:
    from services.erasure.subjects import find_subject

    if not name:
        raise InputError(f"--{option} needs a name.")
    kind: Any = "person" if option in {"user", "author"} else option
    with database.read() as session:
        return find_subject(session, find_workspace(session, team_id).id, kind, name)


def _preview(database: Database, subject: Subject) -> Preview:
    from services.erasure.preview import preview

    with database.read() as session:
        return preview(session, subject)


def _count_interrupted(database: Database) -> int:
    from services.erasure.register import unfinished

    with database.read() as session:
        return len(unfinished(session))


def _tell_of_interrupted(number: int, as_json: bool) -> None:
    if number and not as_json:
        erasures = count(number, "erasure is", "erasures are")
        notes.print(f"{erasures} not finished: run `deja erase --resume`.")


def _show_preview(subject: Subject, found: Preview, as_json: bool, to: Console = console) -> None:
    if as_json:
        print_json({"subject": subject.name, "would_erase": dict(found.counts)})
    elif found.is_empty:
        console.print(f"Nothing is remembered of {subject.name}.", markup=False)
    else:
        _print_counts(f"Would be erased for good with {subject.name}", found.counts, to=to)
    if found.mentions and not as_json:
        tickets = count(found.mentions, "ticket by others has", "tickets by others have")
        notes.print(f"{tickets} this name in the text; erase what must go, too, with --item.")


def _ask(subject: Subject, found: Preview) -> None:
    _show_preview(subject, found, as_json=False, to=notes)
    click.confirm("Erase this? It cannot be undone", abort=True, err=True)


def _erase(
    database: Database, settings: Settings, subject: Subject, found: Preview, as_json: bool
) -> None:
    from bot.erasure.erase import Eraser
    from bot.erasure.index_files import backups_with, files_of
    from services.answers.known_names import is_user_id
    from services.erasure.leftovers import leftovers
    from services.erasure.proof import prove

    eraser = Eraser(database, settings, me(), utc_now)
    try:
        with progress_bar("Erasing", len(found.item_ids) or None) as advance:
            done = eraser.erase(subject, advance)
    except KeyboardInterrupt:
        notes.print(
            "Interrupted: what was erased stays erased, the rest is still there. "
            "`deja erase --resume` goes on."
        )
        raise click.exceptions.Exit(INTERRUPTED) from None
    snippets = done.snippets
    if subject.person is not None and is_user_id(subject.person):
        snippets = [subject.person, *snippets]
    with database.read() as session:
        files = files_of(database, settings)
        left = leftovers(session, done.erasure_id)
        proof = prove(session, snippets, files, left, vectors=done.vectors, changed=done.changed)
        backups = backups_with(session, settings, found.item_ids)
    _report(done, proof, backups, _learned(settings, found), as_json)
    _tell_of_tuned(settings, found, as_json)
    if not proof.holds:
        raise click.exceptions.Exit(1)


def _resume(database: Database, settings: Settings, as_json: bool) -> None:
    from bot.erasure.index_files import files_of
    from bot.erasure.resume import resume_all
    from services.erasure.leftovers import leftovers
    from services.erasure.proof import prove

    done = resume_all(database, settings, me(), utc_now)
    proofs = []
    for one in done:
        with database.read() as session:
            files = files_of(database, settings)
            left = leftovers(session, one.erasure_id)
            proof = prove(
                session, one.snippets, files, left, vectors=one.vectors, changed=one.changed
            )
            proofs.append(proof)
    if as_json:
        found = [{**one.rows, **dict.fromkeys(one.files, 1)} for one in proofs]
        print_json({"finished": [one.erasure_id for one in done], "found_in": found})
    else:
        console.print(_finished(len(done)))
        for proof in proofs:
            _print_proof(proof)
    if not all(proof.holds for proof in proofs):
        raise click.exceptions.Exit(1)


def _finished(number: int) -> str:
    if not number:
        return "No erasure was interrupted."
    return f"{count(number, 'erasure')} finished."


def _learned(settings: Settings, found: Preview) -> list[TunedModel]:
    """Return the models that have learned from what is erased."""
    models = tuned_models(settings.model_dir)
    return [one for one in models if not one.learned_from.isdisjoint(found.item_ids)]


def _tell_of_tuned(settings: Settings, found: Preview, as_json: bool) -> None:
    for model in [] if as_json else _learned(settings, found):
        notes.print(
            f"{model.name} learned from it on {model.tuned_at:%Y-%m-%d}: its weights hold no text, "
            "but were shaped by this one. `deja tune` learns again without it, and "
            f"`deja model drop {model.name}` deletes it.",
            markup=False,
        )


def _report(
    done: ErasureResult,
    proof: ErasureProof,
    backups: list[BackupState],
    learned: list[TunedModel],
    as_json: bool,
) -> None:
    holding = [str(one.file) for one in backups if one.holds]
    unknown = [str(one.file) for one in backups if one.holds is None]
    counts = {name: number for name, number in sorted(done.counts.items()) if number}
    if as_json:
        print_json(
            {
                "erasure": done.erasure_id,
                "erased": counts,
                "searched_for": proof.searched,
                "found_in": {**proof.rows, **dict.fromkeys(proof.files, 1)},
                "also_by_others": proof.elsewhere,
                "backups_with_it": holding,
                "backups_not_looked_into": unknown,
                "models_that_learned_from_it": [one.name for one in learned],
            }
        )
        return
    _print_counts("Erased", counts)
    _print_proof(proof)
    for file in holding:
        notes.print(f"{file} still holds it: delete it.", markup=False)
    for file in unknown:
        notes.print(f"{file} may still hold it.", markup=False)
    notes.print(
        "Backups, exports and reports that were written elsewhere hold what they held; after the "
        "restore of one, erase again. A running bot corrects what it posted in Slack."
    )


def _print_proof(proof: ErasureProof) -> None:
    if proof.holds:
        notes.print(
            "Proved: nothing of what was erased is in the database, its files or the index "
            f"(passages searched for: {proof.searched}).",
        )
    for name, number in proof.rows.items():
        notes.print(f"Still found: {name} in {count(number, 'row')}.", markup=False)
    for file in proof.files:
        notes.print(f"Still found: in {file}.", markup=False)
    if proof.elsewhere:
        pieces = count(proof.elsewhere, "more piece is", "more pieces are")
        notes.print(f"{pieces} in other people's tickets as well, and not erased there.")


def _print_counts(title: str, counts: Mapping[str, int], to: Console = console) -> None:
    rows = [[name, f"{number:,}"] for name, number in sorted(counts.items())]
    print_table(title, ["what", "how many"], rows, to=to)
