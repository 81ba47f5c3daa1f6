"""Anchors: the chain's head, kept once a day in a file beside the database, so that a chain made anew is found out."""

from datetime import datetime
from pathlib import Path

from flask import current_app

from portal.audit import queries


def anchors_file() -> Path:
    """Return the file of anchors in the instance folder."""
    folder: Path = current_app.config["INSTANCE"]
    return folder / "anchors.txt"


def anchor(*, now: datetime) -> str | None:
    """Keep today's head; return the line that was written, None when today's stands or there is no trail yet."""
    seq, digest = queries.head()
    file = anchors_file()
    kept = file.read_text("utf8").splitlines() if file.exists() else []
    if not seq or any(one.startswith(f"{now:%Y-%m-%d} ") for one in kept):
        return None
    line = f"{now:%Y-%m-%d} {seq}:{digest}"
    with file.open("a", encoding="utf8") as out:
        out.write(line + "\n")
    return line
