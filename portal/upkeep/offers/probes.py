"""Upkeep's own lines of 系统状态."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from flask import current_app, url_for

from portal.audit import queries as audit
from portal.ground.config import VERSION
from portal.ground.db import db
from portal.ground.declare import Reading
from portal.settings import queries as settings
from portal.upkeep import queries, services
from portal.upkeep.terms import CLOCK_BEHIND, DRILL_LATE, LATE_HOURS, LITTLE_BYTES, LITTLE_SHARE, in_size
from portal.web.filters import instant, moment

#: systemd's word that the clock follows a time server.
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


def late_after(now: datetime) -> timedelta:
    """Return how old the newest copy may become."""
    return timedelta(hours=settings.value(LATE_HOURS, on=now.date()))


def copy(now: datetime) -> Reading:
    """The newest copy: its age, and whether it holds."""
    if services.gone():
        cure = "请接好磁盘，再按“立即备份”；换了新磁盘的，在服务器上运行 flask backup now --new-disk。"
        return Reading("late", "备份的磁盘没有接上", str(services.folder()), cure)
    newest, sound = services.newest(), services.newest(sound=True)
    duty = url_for("duties.show", name="upkeep.backup")
    if newest is None:
        return Reading("late", "还没有备份", "每天夜里 2 点半自动备份", "请按“立即备份”，现在就做一份。", duty)
    at, manifest = moment(newest.manifest.made_at), newest.manifest
    size = f"数据库 {in_size(manifest.size)}，文件 {manifest.files:,} 个（{in_size(manifest.files_size)}）"
    if newest.faults:
        best = f"最近一份完好的是 {moment(sound.manifest.made_at)} 的。" if sound else "没有一份是完好的。"
        return Reading("late", f"{at}，核对不上", newest.faults[0], f"{best}请检查磁盘，马上另做一份。", duty)
    if now - manifest.made_at > late_after(now):
        return Reading("late", at, size, "备份晚了：请看定时任务“每夜备份”出了什么错。", duty)
    return Reading("fine", at, size)


def second(now: datetime) -> Reading:
    """The second place: there, on a disk of its own, as fresh as the first."""
    where = services.second_folder()
    if where is None:
        cure = "请接一块别的磁盘或共享文件夹，设 PORTAL_BACKUP_SECOND。"
        return Reading("soon", "没有设", "这台机器坏了，备份也就没了", cure)
    if not where.is_dir():
        return Reading("late", "文件夹不在", str(where), "磁盘没有接上？请接好，再按“立即备份”。")
    newest = services.newest(where, sound=True)
    if newest is None:
        return Reading("late", "还没有完好的备份", str(where), "请按“立即备份”；仍没有，请检查这块磁盘。")
    at = moment(newest.manifest.made_at)
    if now - newest.manifest.made_at > late_after(now):
        return Reading("late", at, str(where), "第二处晚了：请看定时任务“每夜备份”出了什么错。")
    first = services.folder()
    if first.is_dir() and where.stat().st_dev == first.stat().st_dev:
        return Reading("soon", at, str(where), "和第一处在同一块磁盘上：磁盘坏了两处都没有，请换一块。")
    return Reading("fine", at, str(where))


def keys(now: datetime) -> Reading:
    """The keys: which stand, and whether the set that the newest copy needs is kept apart."""
    ids, where = services.key_ids(), services.key_folder()
    sealing = [one.removeprefix("sealing-") for one in ids if one.startswith("sealing-")]
    text = f"封存密钥 {'、'.join(sealing)}" if sealing else "封存密钥不在"
    if not sealing:
        return Reading("late", text, "", "封存的数据打不开：请把密钥备份拷回 secrets/。")
    newest = services.newest()
    if newest is None:
        return Reading("soon", text, "还没有备份", "做一次备份，密钥就另存一处。")
    if fault := services.key_fault(newest.manifest.key_set):
        return Reading("late", text, fault, "请按“立即备份”，密钥会再存一次。")
    if where.resolve().is_relative_to(current_app.config["INSTANCE"].resolve()):
        return Reading("soon", text, str(where), "和数据在一起：请设 PORTAL_BACKUP_KEYS，放到别的磁盘或 U 盘上。")
    return Reading("fine", text, f"另存在 {where}，编号 {newest.manifest.key_set}")


def drill(now: datetime) -> Reading:
    """The last drill: a copy that nobody has tried is a hope."""
    last = db.session.scalars(queries.drills(1)).first()
    duty = url_for("duties.show", name="upkeep.drill")
    if last is None:
        return Reading("soon", "还没有演练过", "每月 1 日自动演练", "请按“演练还原”，或在服务器上运行。", duty)
    if not last.holds:
        return Reading(
            "late", f"{moment(last.at)}，没有通过", last.first_fault, "请照下面的记录处理，再演练一次。", duty
        )
    if now - last.at > DRILL_LATE:
        return Reading("soon", moment(last.at), "一个多月没有演练", "请按“演练还原”。", duty)
    return Reading("fine", f"{moment(last.at)}，通过", f"备份 {last.copy}")


def clock(now: datetime) -> Reading:
    """The server's clock beside the trail: whoever steps back signs nothing until it is right again."""
    newest = audit.newest_at()
    known = "跟着时间服务器走" if SYNCHRONISED.exists() else ""
    if newest and newest - now >= CLOCK_BEHIND:
        late = f"比最新一行留痕早 {int((newest - now).total_seconds() // 60):,} 分钟"
        return Reading("late", instant(now), late, "时钟被拨回去了，校准以前不能签订。请对时（timedatectl）。")
    return Reading("fine", instant(now), known)


def disk(now: datetime) -> Reading:
    """The disks of the office and of the copies: the fuller one is told of."""
    places = {path.stat().st_dev: path for path in (current_app.config["INSTANCE"], services.folder()) if path.is_dir()}
    usages = [(shutil.disk_usage(path), path) for path in places.values()]
    usage, path = min(usages, key=lambda one: one[0].free)
    if usage.free < min(LITTLE_BYTES, usage.total * LITTLE_SHARE):
        return Reading(
            "late",
            f"只剩 {in_size(usage.free)}",
            f"{path}，共 {in_size(usage.total)}",
            "快满了：请清理，或换大的磁盘。",
        )
    return Reading("fine", f"还剩 {in_size(usage.free)}", f"共 {in_size(usage.total)}")


def database(now: datetime) -> Reading:
    """Kind, size, and how long the trail is."""
    lines = f"留痕 {audit.head()[0]:,} 行"
    if db.engine.dialect.name == "sqlite":
        file = Path(str(db.engine.url.database))
        size = sum(one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal")) if one.exists())
        return Reading("fine", f"SQLite，{in_size(size)}", lines)
    size = db.session.execute(db.text("SELECT pg_database_size(current_database())")).scalar_one()
    return Reading("fine", f"PostgreSQL，{in_size(size)}", lines)


def version(now: datetime) -> Reading:
    """The portal's version."""
    return Reading("fine", VERSION, "演示环境，数据都是虚构的" if current_app.config["DEMO"] else "")
