"""The clock of the portal: the machine's, or a file's where the tests say so and nowhere else."""

from pathlib import Path

import pytest

from portal import create_app
from portal.ground.clock import FileClock, SystemClock, clock_from_environment
from tests.conftest import NOON, settings


@pytest.mark.parametrize("environment", [None, "", "production", "test", "TESTS"])
def test_a_clock_in_a_file_is_refused_outside_tests(
    monkeypatch: pytest.MonkeyPatch, instance: Path, environment: str | None
) -> None:
    monkeypatch.setenv("PORTAL_CLOCK_FILE", str(instance / "clock"))
    monkeypatch.delenv("PORTAL_ENV", raising=False)
    if environment is not None:
        monkeypatch.setenv("PORTAL_ENV", environment)
    with pytest.raises(RuntimeError, match="for tests only"):
        clock_from_environment()
    with pytest.raises(RuntimeError, match="for tests only"):
        create_app(settings(instance, "sqlite://"))


def test_tests_may_set_a_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PORTAL_CLOCK_FILE", raising=False)
    monkeypatch.setenv("PORTAL_ENV", "tests")
    assert isinstance(clock_from_environment(), SystemClock)
    monkeypatch.setenv("PORTAL_CLOCK_FILE", str(tmp_path / "clock"))
    clock = clock_from_environment()
    assert isinstance(clock, FileClock)
    (tmp_path / "clock").write_text(NOON.isoformat())
    assert clock.now() == NOON
