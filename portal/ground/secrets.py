"""The application's own secrets: made once, mode 0600, outside git and outside the database."""

import os
import secrets
from pathlib import Path

from portal.ground import sealing


def folder(instance: Path) -> Path:
    """Return the folder that holds the secrets."""
    return instance / "secrets"


def make(instance: Path) -> bool:
    """Make what is missing: the session key and the sealing keys. Tells whether anything was made.

    The instance folder (database, files, anchors) is closed to other accounts of the machine.
    """
    where = folder(instance)
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    if instance.stat().st_mode & 0o077:
        instance.chmod(0o700)
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = False
    session = where / "session.key"
    if not session.exists():
        handle = os.open(session, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        made = True
    if not (where / "sealing").exists():
        sealing.make_keys(where / "sealing")
        made = True
    return made


def session_key(instance: Path) -> str:
    """Return the key of the session cookie. RuntimeError when it is missing, weak or open to others."""
    path = folder(instance) / "session.key"
    if not path.exists():
        raise RuntimeError("no secrets yet: run `flask secrets make` (script/server does)")
    if path.stat().st_mode & 0o077:
        raise RuntimeError("session.key must be readable by its owner alone (chmod 600)")
    key = path.read_text().strip()
    if len(key) < 32:
        raise RuntimeError("session.key is too short: remove it and run `flask secrets make`")
    return key
