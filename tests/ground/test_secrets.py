"""Secrets: made once, closed to other accounts of the machine."""

from pathlib import Path

import pytest

from portal.ground import secrets


def test_the_whole_instance_folder_is_closed_to_others(tmp_path: Path) -> None:
    for instance in (tmp_path / "new" / "office", tmp_path / "open"):
        if instance.name == "open":
            instance.mkdir(mode=0o755)
        assert secrets.make(instance)
        assert instance.stat().st_mode & 0o777 == 0o700
        assert (instance / "secrets").stat().st_mode & 0o777 == 0o700
        assert (instance / "secrets" / "session.key").stat().st_mode & 0o777 == 0o600
        assert not secrets.make(instance)


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    secrets.make(tmp_path)
    (tmp_path / "secrets" / "session.key").chmod(0o640)
    with pytest.raises(RuntimeError, match="chmod 600"):
        secrets.session_key(tmp_path)


@pytest.mark.parametrize("typed", ["0" * 64, "changeme" * 5, "secret"])
def test_a_key_that_somebody_typed_is_not_used(tmp_path: Path, typed: str) -> None:
    secrets.make(tmp_path)
    (tmp_path / "secrets" / "session.key").write_text(typed)
    with pytest.raises(RuntimeError, match=r"太短或太简单.*flask secrets make"):
        secrets.session_key(tmp_path)
