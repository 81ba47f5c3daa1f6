"""When a word about copies is owed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from flask import url_for

from portal.audit import queries as audit
from portal.ground.declare import Owed, Whom
from portal.upkeep import services
from portal.upkeep.offers.probes import late_after

SUBJECT = "backup"


def _late_at(now: datetime) -> tuple[datetime, datetime | None] | None:
    """Return since when the copy is late or will be, and of when the newest is (None: there has never been one).

    It reads a folder and one manifest; without any copy, the trail's first line says how long the office has stood.
    """
    if newest := services.newest(sound=True):
        made_at = newest.manifest.made_at
        return made_at + late_after(now), made_at
    first = next(audit.stream(limit=1), None)
    return (first["at"] + late_after(now), None) if first else None


def late(since: datetime, now: datetime) -> Sequence[Owed]:
    """A word when the copy becomes late, and one each day at the same hour until there is a new one."""
    found = _late_at(now)
    if found is None or now < found[0]:
        return []
    at = found[0] + (now - found[0]) // timedelta(days=1) * timedelta(days=1)
    if at <= since:
        return []
    why = f"最近一份完好的备份是 {found[1]:%Y-%m-%d %H:%M} 的" if found[1] else "一份完好的备份也没有"
    return [
        Owed(
            SUBJECT, f"{at:%Y-%m-%d}", at, Whom(role="system_admin"), "备份晚了", f"{why}，请到系统状态立即备份",
            url_for("upkeep.index"), lamp="late", word="备份晚了",
        )
    ]  # fmt: skip


def still(subjects: Sequence[str], now: datetime) -> Collection[str]:
    """The subject while the copy is late."""
    found = _late_at(now)
    return subjects if found is not None and now >= found[0] else ()
