"""Anchors: the chain's head, kept once a day in a file beside the database, so that a chain made anew is found out."""

from datetime import date, datetime
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


def last_anchor() -> tuple[date, str] | None:
    """The newest head that was kept: its day, and number and hash as `compare` takes them; None where none is."""
    file = anchors_file()
    lines = file.read_text("utf8").split("\n") if file.exists() else []
    for line in reversed(lines):
        day, _, anchor = line.partition(" ")
        if _number(line):
            return date.fromisoformat(day), anchor
    return None


def cut_anchors(*, after: int, other: str = "") -> list[str]:
    """Take away anchors of lines that came after this one and are gone, and return them: a copy was brought back.

    `other` are the copy's own anchors, for a machine that has none.
    """
    file = anchors_file()
    lines = (file.read_text("utf8") if file.exists() else other).splitlines()
    gone = [line for line in lines if _number(line) > after]
    if not lines:
        return []
    part = file.with_name(f".{file.name}.part")
    part.write_text("".join(f"{line}\n" for line in lines if line not in gone), "utf8")
    part.replace(file)
    return gone


def _number(line: str) -> int:
    """The line of the trail that an anchor names; what is no anchor stays."""
    number = line.rpartition(" ")[2].partition(":")[0]
    return int(number) if number.isdigit() else 0
