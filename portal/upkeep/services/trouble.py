"""What goes wrong with disks and folders, as sentences for whoever runs the portal."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.ground.errors import Refused

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def disk_full(path: Path) -> OSError:
    """Return the error of a full disk, for what says it in its own way."""
    return OSError(errno.ENOSPC, "No space left on device", str(path))


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Say of which file an error is: a write that fails does not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


@contextmanager
def told(*, done: str, full: str, failed: str) -> Iterator[None]:
    """Turn trouble with files into a refusal: `full` for a disk without room, `failed` for any other, each followed by
    where it was; `done` says what stands all the same.
    """
    try:
        yield
    except OSError as error:
        where = f"（{error.filename}）" if error.filename else ""
        if error.errno in FULL:
            raise Refused(f"{full}{where}，{done}请腾出空间，再来一次。") from error
        raise Refused(f"{failed}{where}：{error.strerror or error}，{done}请检查文件夹在不在、权限对不对。") from error
