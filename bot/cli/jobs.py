"""`deja jobs`."""

from __future__ import annotations

import click

from bot.cli.terminal import console, notes, open_database, print_json, print_table
from bot.clock import utc_now
from services.queue import JobQueue


@click.group()
def jobs() -> None:
    """Show waiting, running and failed jobs, and retry failed ones.

    What messages say is never shown.
    """


@jobs.command("list")
@click.option("--failed", is_flag=True, help="Only jobs that have failed for good.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line per job.")
def list_(failed: bool, limit: int, as_json: bool) -> None:
    """List unfinished jobs, the oldest first.

    Example: deja jobs list --failed
    """
    states = ["failed"] if failed else ["ready", "running", "failed"]
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
        console.print("No jobs have failed." if failed else "No jobs are waiting.")
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


@jobs.command()
@click.argument("job_id", type=int, required=False)
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
    notes.print(f"{number} {'job' if number == 1 else 'jobs'} will run again.")
