"""`deja jobs`."""

from __future__ import annotations

import click

from bot.cli.group import CommandGroup
from bot.cli.options import COUNT, ID
from bot.cli.terminal import console, count, notes, open_database, print_json, print_table
from bot.clock import utc_now
from services.queue import JobQueue


@click.group(cls=CommandGroup)
def jobs() -> None:
    """Show waiting, running and failed jobs, and retry failed ones.

    What messages say is never shown.
    """


@jobs.command("list")
@click.option("--failed", is_flag=True, help="Only jobs that have failed for good.")
@click.option("--dropped", is_flag=True, help="Only jobs that nobody needed any more, and why.")
@click.option("--limit", default=50, show_default=True, type=COUNT)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per job.")
def list_(failed: bool, dropped: bool, limit: int, as_json: bool) -> None:
    """List unfinished jobs, the oldest first.

    A job that waits for Slack is "ready", and its error says what it waits for.

    \b
    Examples:
      deja jobs list --failed
      deja jobs list --dropped
    """
    only = ["failed"] * failed + ["dropped"] * dropped
    states = only or ["ready", "running", "failed"]
    with open_database() as database:
        found = JobQueue(database).find(states, limit=limit)
    if as_json:
        for job in found:
            print_json(
                {
                    "id": job.id,
                    "kind": job.kind,
                    "state": job.state,
                    "attempts": job.attempts,
                    "run_at": job.run_at.isoformat(),
                    "error": job.error,
                }
            )
    elif not found:
        console.print(_NONE[tuple(only)])
    else:
        rows = [
            [
                str(job.id),
                job.kind,
                job.state,
                str(job.attempts),
                f"{job.run_at:%Y-%m-%d %H:%M:%S}",
                job.error or "",
            ]
            for job in found
        ]
        print_table("Jobs", ["id", "kind", "state", "attempts", "next run (UTC)", "error"], rows)


_NONE = {
    (): "No jobs are waiting.",
    ("failed",): "No jobs have failed.",
    ("dropped",): "No jobs were dropped.",
    ("failed", "dropped"): "No jobs have failed or were dropped.",
}


@jobs.command()
@click.argument("job_id", type=ID, required=False)
@click.option("--all", "all_", is_flag=True, help="Retry every failed job.")
def retry(job_id: int | None, all_: bool) -> None:
    """Run a failed job again, or all of them.

    \b
    Examples:
      deja jobs retry 17
      deja jobs retry --all
    """
    if (job_id is None) != all_:
        raise click.UsageError("Give the id of a job, or --all.")
    with open_database() as database:
        number = JobQueue(database).retry_failed(utc_now(), job_id)
    notes.print(f"{count(number, 'job')} will run again.")
