"""`deja tune`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.terminal import (
    count,
    load_settings,
    notes,
    open_services,
    print_json,
    print_table,
    progress_bar,
)
from bot.clock import utc_now
from bot.model_choice import places_of
from services.errors import InputError, ModelError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import Services
    from services.tuning.held_out import Comparison
    from services.tuning.training import Training
    from services.tuning.tuner import Lesson, Tuner

# The folder of a model is little more than its weights.
ROOM = 1.1


@click.command()
@click.option("--minutes", type=click.FloatRange(0.1, 10_000), default=30.0, show_default=True,
              help="Learn for at most so long; measuring comes on top.")  # fmt: skip
@click.option("--margin", type=click.FloatRange(0.0, 1.0), default=0.01, show_default=True,
              help="By how much MAP must rise on what was held out.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True,
              help="Another order, and other tickets to tell apart.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Only show what would be learned, and how long.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON line.")
def tune(minutes: float, margin: float, seed: int, dry_run: bool, as_json: bool) -> None:
    """Let a copy of the model in use learn from what the team confirmed and rejected.

    The newest groups of duplicates are held out: nothing of them is learned, and the copy is kept
    only if it finds them better, by --margin in MAP and with a 95 % interval above zero. Then `deja
    model use` compares it once more, and brings it into use. Of each text the first 128 tokens are
    learned from. A model that has learned begins again as the one that it was made from, so what
    was erased since is forgotten.

    \b
    Examples:
      deja tune --dry-run
      deja tune --minutes 60
    """
    settings = load_settings()
    with open_services(settings) as current:
        tuner = _tuner(current, settings, seed)
        tuner.model  # noqa: B018 - fails now if it cannot learn
        with current.database.read() as session:
            lesson = tuner.prepare(session)
        if dry_run:
            _show(lesson, tuner, minutes, as_json)
            return
        name, training, found = _learn(settings, tuner, lesson, minutes, margin)
    _report(name, training, found, margin, as_json)


def _tuner(current: Services, settings: Settings, seed: int) -> Tuner:
    """Return what tunes the model in use, or the one that this was made from."""
    from services.search.embedders.by_name import names_of, open_embedder
    from services.search.embedders.reduced import split_name
    from services.search.embedders.tuned_models import find_tuned
    from services.tuning.tuner import Tuner, tunable

    if current.choice is None:
        raise InputError("There is no model in use: import tickets first.")
    name = split_name(current.choice.name)[0]
    tuned = find_tuned(settings.model_dir, name)
    base = name if tuned is None else tuned.base
    if len(names_of(base)) > 1:
        raise ModelError(f"{base} cannot learn from the team: only a single model can.")
    sha256 = settings.model_sha256 if base == settings.model else None
    embedder = open_embedder(base, sha256, places=places_of(settings))
    return Tuner(current.judge, tunable(base, embedder), seed)


def _learn(
    settings: Settings, tuner: Tuner, lesson: Lesson, minutes: float, margin: float
) -> tuple[str | None, Training, Comparison]:
    """Train, measure, and keep what is better; return its name, None if it is not."""
    from services.search.embedders.model_files import WEIGHTS
    from services.search.embedders.model_workshop import bytes_in, ensure_room, making_model
    from services.search.embedders.tuned_models import PART, TunedModel, tuned_name, write_note

    folder, now = settings.model_dir, utc_now()
    with making_model(folder, PART, "deja tune") as part:
        ensure_room(folder, ROOM * bytes_in(tuner.base.folder, WEIGHTS))
        trainer = tuner.trainer(lesson)
        with progress_bar("Learning", None) as bar:
            training = trainer.train(lesson.split, lesson.negatives, minutes * 60, bar.update)
        sha256 = tuner.save(part)
        with progress_bar("Measuring", None) as bar:
            found = tuner.measure(lesson, part, bar.update)
        if not training.kept or not found.is_better(margin):
            return None, training, found
        name = tuned_name(tuner.base.model, folder, now)
        write_note(
            part,
            TunedModel(
                name,
                tuner.base.model,
                sha256,
                now,
                frozenset(trainer.learned_from),
                found.before.map or 0.0,
                found.after.map or 0.0,
            ),
        )
        part.replace(folder / name)
    return name, training, found


def _show(lesson: Lesson, tuner: Tuner, minutes: float, as_json: bool) -> None:
    """Show what would be learned, and how long that would take."""
    longest = tuner.estimate(lesson) / 60
    line = {
        "model": tuner.base.model,
        **_counts(lesson),
        "minutes": round(min(longest, minutes), 1),
        "minutes_of_all_epochs": round(longest, 1),
    }
    if as_json:
        print_json(line)
        return
    rows = [[name.replace("_", " "), str(value)] for name, value in line.items()]
    print_table("What would be learned", ["what", "value"], rows)


def _counts(lesson: Lesson) -> dict[str, int]:
    split = lesson.split
    return {
        "confirmed_pairs": len(split.training),
        "pairs_to_stop_by": len(split.validation),
        "rejected_pairs": lesson.rejected,
        "negatives": len({one for own in lesson.negatives.values() for one in own}),
        "held_out_tickets": len(split.queries),
        "held_out_groups": len(split.held_out),
        "contradictory_pairs": split.contradictory,
    }


def _report(
    name: str | None, training: Training, found: Comparison, margin: float, as_json: bool
) -> None:
    if as_json:
        print_json({"kept": name, **_figures(training, found)})
        return
    rows = [
        [f"MAP, of {found.queries} tickets in {found.groups} groups held out",
         _share(found.before.map), _share(found.after.map)],
        ["the right one first", _share(found.before.p_at_1), _share(found.after.p_at_1)],
    ]  # fmt: skip
    print_table("What was learned", ["figure", "before", "after"], rows)
    interval = f"MAP {found.gain:+.3f} (95 %: {found.low:+.3f} to {found.high:+.3f})"
    learned = f"{count(training.steps, 'step')} in {training.seconds / 60:.1f} minutes"
    if name is None:
        text = f"Nothing was kept: it must rise by {margin} with an interval above zero."
    else:
        text = (
            f"{name} is kept: `deja model use {name} --now` compares it once more, and brings it "
            "into use."
        )
    notes.print(f"{interval}, by {learned}. {text}", markup=False, soft_wrap=True)


def _figures(training: Training, found: Comparison) -> dict[str, Any]:
    return {
        "queries": found.queries,
        "groups": found.groups,
        "map_before": found.before.map,
        "map_after": found.after.map,
        "p_at_1_before": found.before.p_at_1,
        "p_at_1_after": found.after.p_at_1,
        "gain": found.gain,
        "low": found.low,
        "high": found.high,
        "steps": training.steps,
        "kept_step": training.kept,
        "epochs": round(training.epochs, 2),
        "seconds": round(training.seconds, 1),
        "losses": [round(one, 4) for one in training.losses],
    }


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
