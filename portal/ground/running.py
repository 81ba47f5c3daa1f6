"""Whether the office runs: whoever serves it holds one lock, shared, for as long as it lives."""

import fcntl
import os
from pathlib import Path


def lock_file(instance: Path) -> Path:
    """Return the file that is locked."""
    return instance / "running.lock"


def hold(instance: Path) -> int:
    """Hold the office's lock from now on, shared with others who serve it; children that are forked hold it too.

    `RuntimeError` while somebody brings a copy back. Returns the open handle, which must stay open.
    """
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(lock_file(instance), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise RuntimeError("正在还原备份：等 flask backup restore 办完，再启动门户") from None
    return handle
