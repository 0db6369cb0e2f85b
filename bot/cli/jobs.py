"""`deja jobs`."""

from __future__ import annotations

import click

from bot.cli.terminal import console, notes, open_services, print_json, print_table
from bot.clock import utc_now


@click.group()
def jobs() -> None:
    """The work that waits, runs or was given up. What messages say is not shown."""


@jobs.command("list")
@click.option("--failed", is_flag=True, help="Only what was given up.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line a job.")
def list_(failed: bool, limit: int, as_json: bool) -> None:
    """Show jobs that are not done, the oldest first.

    Example: deja jobs list --failed
    """
    with open_services() as services:
        states = ["failed"] if failed else ["ready", "running", "failed"]
        found = services.queue.find(states, limit=limit)
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
        console.print("Nothing has failed." if failed else "Nothing is waiting.")
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
        print_table("Jobs", ["id", "kind", "state", "tries", "next run (UTC)", "error"], rows)


@jobs.command()
@click.argument("job_id", type=int, required=False)
@click.option("--all", "all_", is_flag=True, help="Every job that was given up.")
def retry(job_id: int | None, all_: bool) -> None:
    """Try a job that was given up again, or all of them.

    Example: deja jobs retry --all
    """
    if (job_id is None) != all_:
        raise click.UsageError("Give a job's id, or --all.")
    with open_services() as services:
        number = services.queue.retry_failed(utc_now(), job_id)
    notes.print(f"{number} jobs will run again.")
