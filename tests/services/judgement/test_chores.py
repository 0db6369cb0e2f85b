"""Chores: tasks that come again and again are one only where they were written at one time."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from services.judgement.chores import MAX_DAILY_GAP, MAX_GAP, are_of_other_times

TITLES = tomllib.loads(Path(__file__).with_name("chore_titles.toml").read_text(encoding="utf-8"))
YEAR = timedelta(days=365)


@pytest.mark.parametrize("title", TITLES["chores"])
def test_a_chore_is_another_one_after_a_year(title: str) -> None:
    """Entered twice within days it is one; when it was entered being unknown, it is not."""
    assert are_of_other_times(title, title, YEAR)
    assert are_of_other_times(title, title.upper(), MAX_GAP + timedelta(hours=1))
    assert are_of_other_times(title, title, None)
    assert not are_of_other_times(title, title, MAX_GAP)


@pytest.mark.parametrize("title", TITLES["matters"])
def test_what_goes_wrong_is_the_same_after_years(title: str) -> None:
    """Questions and trouble are no chores, whatever they name."""
    assert not are_of_other_times(title, title, YEAR)
    assert not are_of_other_times(title, title, None)


def test_daily_chores_are_a_day_apart() -> None:
    """What is done every day is done again the next day."""
    assert are_of_other_times("Daily backup", "daily backup", timedelta(days=1))
    assert not are_of_other_times("Daily backup", "daily backup", MAX_DAILY_GAP)
