"""The application's own secrets: made once, mode 0600, outside git and outside the database."""

import os
import secrets
from pathlib import Path

from portal.ground import sealing

#: In `secrets/`: these were made for a demonstration, and no real office takes them over.
DEMONSTRATION = "demonstration"


def folder(instance: Path) -> Path:
    """Return the folder that holds the secrets."""
    return instance / "secrets"


def can_open(instance: Path) -> bool:
    """Tell whether the sealing keys stand."""
    return sealing.whole(folder(instance) / "sealing")


def make(instance: Path, *, above: int = 0) -> bool:
    """Make what is missing: the session key and the sealing keys (numbered above `above`). Tells whether anything was
    made. Whoever calls it knows that no sealed data needs keys that are missing.

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
    return bool(sealing.make_keys(where / "sealing", above=above)) or made


def mark_demonstration(instance: Path) -> None:
    """Mark the secrets as a demonstration's, wherever they are copied to."""
    (folder(instance) / DEMONSTRATION).write_text("These secrets belong to a demonstration.\n")


def refuse_demonstration(instance: Path) -> None:
    """RuntimeError where the secrets were made for a demonstration."""
    if (folder(instance) / DEMONSTRATION).exists():
        raise RuntimeError(
            f"不启动：{folder(instance)} 里是演示环境的密钥，正式环境不能用。"
            "请把这个文件夹移走，运行 flask secrets make 另做一套（原来有的，请把密钥备份拷回来）"
        )


def session_key(instance: Path) -> str:
    """Return the key of the session cookie. RuntimeError when it is missing, weak or open to others."""
    path = folder(instance) / "session.key"
    if not path.exists():
        raise RuntimeError(f"{path} 不在：请运行 flask secrets make（script/server 会自己做）")
    if path.stat().st_mode & 0o077:
        raise RuntimeError(f"session.key 别的帐户也能读：请运行 chmod 600 {path}")
    key = path.read_text().strip()
    if len(key) < 32 or sealing.guessable(key):
        raise RuntimeError(f"session.key 太短或太简单：请删去 {path}，再运行 flask secrets make")
    return key
