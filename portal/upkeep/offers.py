"""What upkeep gives to the house: 系统状态 on the rail, its own probes, and a word when the copy is late."""

import shutil
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from flask import current_app, url_for

from portal.ground.can import Can
from portal.ground.config import VERSION
from portal.ground.db import db
from portal.ground.declare import NavEntry, Offers, Owed, Probe, Reading, ReminderRule, SettingSpec, Whom
from portal.papers import services as papers
from portal.settings import queries as settings
from portal.upkeep import services
from portal.upkeep.terms import LATE_HOURS, LITTLE_BYTES, LITTLE_SHARE, in_size
from portal.web.filters import moment


def _late_after(now: datetime) -> timedelta:
    return timedelta(hours=settings.value(LATE_HOURS, on=now.date()))


def _version(now: datetime) -> Reading:
    words = "演示环境，数据都是虚构的" if current_app.config["DEMO"] else ""
    return Reading("fine", VERSION, words)


def _disk(now: datetime) -> Reading:
    usage = shutil.disk_usage(current_app.config["INSTANCE"])
    little = usage.free < min(LITTLE_BYTES, usage.total * LITTLE_SHARE)
    text = f"还剩 {in_size(usage.free)}"
    advice = "快满了：请清理磁盘，或换大的。" if little else ""
    return Reading("late" if little else "fine", text, f"共 {in_size(usage.total)}", advice)


def _copy(now: datetime) -> Reading:
    newest = services.newest()
    if newest is None:
        return Reading(
            "late",
            "还没有备份",
            "",
            "请到“定时任务”里立即执行“每夜备份”。",
            url_for("duties.show", name="upkeep.backup"),
        )
    age = now - newest.manifest.made_at
    size = f"{in_size(newest.manifest.size)}，{newest.manifest.files} 个文件"
    if newest.faults:
        return Reading(
            "late", f"{moment(newest.manifest.made_at)}，核对不上", newest.faults[0], "请马上另做一份，并检查磁盘。"
        )
    if age > _late_after(now):
        return Reading(
            "late", moment(newest.manifest.made_at), size, "备份晚了：请看“定时任务”里的“每夜备份”出了什么错。"
        )
    return Reading("fine", moment(newest.manifest.made_at), size)


def _second(now: datetime) -> Reading:
    where = services.second_folder()
    if where is None:
        return Reading("soon", "没有设第二处", "", "请接一块别的磁盘或共享文件夹，设 PORTAL_BACKUP_SECOND。")
    newest = services.newest(where) if where.is_dir() else None
    if newest is None:
        return Reading("late", "没有备份", str(where), "文件夹不在或是空的：请检查磁盘有没有接上。")
    late = now - newest.manifest.made_at > _late_after(now)
    return Reading("late" if late else "fine", moment(newest.manifest.made_at), str(where))


def _keys(now: datetime) -> Reading:
    where = services.key_folder()
    beside = not where.resolve().is_relative_to(current_app.config["INSTANCE"].resolve())
    if not any(where.glob("*.key")) if where.is_dir() else True:
        return Reading("soon", "密钥还没有备份", str(where), "做一次备份就有了。")
    advice = "" if beside else "密钥和数据放在一块盘上：请设 PORTAL_BACKUP_KEYS，放到别处。"
    return Reading("fine" if beside else "soon", "有", str(where), advice)


def _papers(now: datetime) -> Reading:
    troubles = papers.troubles()
    if troubles:
        return Reading("late", f"{len(troubles)} 个问题", troubles[0], "没有解决以前，责任书制不出来。")
    return Reading("fine", "字体、电子章都在")


def _database(now: datetime) -> Reading:
    if db.engine.dialect.name == "sqlite":
        size = (current_app.config["INSTANCE"] / "portal.sqlite3").stat().st_size
        return Reading("fine", "SQLite", in_size(size))
    size = db.session.execute(db.text("SELECT pg_database_size(current_database())")).scalar_one()
    return Reading("fine", "PostgreSQL", in_size(size))


def _late(since: datetime, now: datetime) -> Sequence[Owed]:
    """A word when a copy becomes late, and one each day at the same hour until there is a new one."""
    newest = services.newest()
    if newest is None:
        return []
    late_at, day = newest.manifest.made_at + _late_after(now), timedelta(days=1)
    turns = (now - late_at) // day
    at = late_at + turns * day
    if turns < 0 or at <= since:
        return []
    return [
        Owed(
            "backup", f"{at:%Y-%m-%d}", at, Whom(role="system_admin"), "备份晚了",
            f"最后一份是 {newest.manifest.made_at:%Y-%m-%d %H:%M} 的，超过了约定的时间", url_for("upkeep.index"),
            lamp="late", word="备份晚了",
        )
    ]  # fmt: skip


def _still(subjects: Sequence[str], now: datetime) -> Collection[str]:
    newest = services.newest()
    late = newest is None or now - newest.manifest.made_at > _late_after(now)
    return subjects if late else ()


OFFERS = Offers(
    nav=[NavEntry("综合", "系统状态", "upkeep.index", "server-cog", 850)],
    settings=[
        SettingSpec(
            LATE_HOURS, "备份多久算晚", 26, "小时", "每夜备份一次；超过这么久没有新的就提醒", group="运行维护",
            least=2, most=240, needs=Can.SETTINGS_SYSTEM,
        )
    ],
    probes=[
        Probe("copy", "最近一次备份", "database-export", _copy, 10),
        Probe("second", "第二处备份", "server-2", _second, 11),
        Probe("keys", "密钥的备份", "key", _keys, 12),
        Probe("disk", "磁盘", "device-floppy", _disk, 30),
        Probe("database", "数据库", "database", _database, 31),
        Probe("papers", "文书", "file-certificate", _papers, 40),
        Probe("version", "版本", "info-circle", _version, 90),
    ],
    reminders=[
        ReminderRule(
            "upkeep.late", "备份晚了", "太久没有新备份，每天提醒系统管理员，到有了为止", "系统约定：每夜备份", _late,
            still=_still, at_once=True, icon="database-export", needs=Can.UPKEEP_READ,
        )
    ],
)  # fmt: skip
