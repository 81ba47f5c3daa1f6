"""Bringing a copy back, on both databases: as it was, the present one aside; or refused, with nothing changed."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from flask import Flask

from portal import create_app
from portal.areas import services as areas
from portal.areas.terms import AreaKind, AreaType
from portal.audit.services import anchor, anchors_file, verify
from portal.ground import running
from portal.ground.clock import StoppedClock
from portal.ground.db import db
from portal.ground.declare import offers
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.papers.services import next_number
from portal.upkeep import services
from portal.upkeep.terms import Copy, Restored
from tests.cast import Cast
from tests.conftest import settings
from tests.merchants.shops import a_shop
from tests.places.streets import a_street
from tests.trail import details, lines
from tests.upkeep.copies import spoil


def restored(copy: Copy, now: datetime) -> Restored:
    """As `flask backup restore` does it."""
    with services.at_rest():
        found = services.restore(copy, now=now)
        services.note_restore(found, now=now)
        db.session.commit()
    return found


def count(table: str) -> int:
    found = int(db.session.execute(db.text(f"SELECT count(*) FROM {table}")).scalar_one())
    db.session.rollback()
    return found


@contextmanager
def untouched(office: Flask) -> Iterator[None]:
    """Whatever is tried within leaves database, files and folders as they are."""
    files: FileStore = office.extensions["files"]
    before = count("audit_lines"), sorted(files.digests())
    yield
    db.session.rollback()
    assert (count("audit_lines"), sorted(files.digests())) == before
    assert not (office.config["INSTANCE"] / "aside").exists()
    assert not list(office.config["INSTANCE"].glob("*restoring*"))


def a_later_shop(cast: Cast, now: datetime) -> None:
    a_shop(now, by=cast["staff"], sign_name="后来的店", door_no="99 号", phone="13900000001")
    db.session.commit()


def test_it_is_as_it_was_and_the_former_lies_aside(office: Flask, cast: Cast, now: datetime) -> None:
    copy = services.back_up(now=now)
    a_later_shop(cast, now)
    shutil.rmtree(office.extensions["files"].root)
    found = restored(copy, now)
    assert count("merchants_shops") == 1
    assert list(office.extensions["files"].digests()), "its files are back too"
    assert found.lost_lines == 1
    assert details(lines("upkeep.restore")[0]) == {
        "aside": Path(found.aside).name, "line": copy.manifest.head[0], "lost": 1, "passed": 1,
    }  # fmt: skip
    assert verify().whole
    db.session.rollback()
    assert of_the_former(office, found, "SELECT count(*) FROM merchants_shops") == 2


def of_the_former(office: Flask, found: Restored, query: str) -> Any:
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(found.aside)) as raw:
            return raw.execute(query).fetchone()[0]
    url = db.engine.url.set(drivername="postgresql", database=found.aside)
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        row = connection.execute(query).fetchone()
        return row and row[0]


def test_the_restored_office_works_on(office: Flask, cast: Cast, now: datetime) -> None:
    copy = services.back_up(now=now)
    restored(copy, now)
    a_later_shop(cast, now)
    assert count("merchants_shops") == 2 and verify().whole
    db.session.rollback()
    again = services.back_up(now=now + timedelta(hours=1))
    assert again.sound and services.drill(again, now=now).holds


def test_numbers_that_were_given_out_since_are_not_given_out_again(office: Flask, now: datetime) -> None:
    assert "0001" in next_number("pledge", now=now)
    db.session.commit()
    copy = services.back_up(now=now)
    for _paper in range(5):
        next_number("pledge", now=now)
    next_number("notice", now=now)
    db.session.commit()
    restored(copy, now)
    assert "0007" in next_number("pledge", now=now)
    assert "0002" in next_number("notice", now=now)
    assert details(lines("upkeep.restore")[0])["passed"] == 6


def entered(cast: Cast, now: datetime, door_no: str, grid: str = "MY-02") -> str:
    shop = a_shop(now, by=cast["staff"], grid=grid, sign_name=f"店{door_no}", door_no=door_no, phone="13900000001")
    db.session.commit()
    return shop.number


def test_a_shop_after_a_restore_gets_no_number_that_hangs_on_a_door(office: Flask, cast: Cast, now: datetime) -> None:
    """MY had a shop when the copy was made, SB none at all: both went on since."""
    copy = services.back_up(now=now)
    given = [entered(cast, now, "11 号"), entered(cast, now, "12 号"), entered(cast, now, "13 号", "SB-01")]
    restored(copy, now)
    assert given == ["GX-MY-0002", "GX-MY-0003", "GX-SB-0001"]
    assert details(lines("upkeep.restore")[0])["passed"] == 3
    after = [entered(cast, now, "21 号"), entered(cast, now, "22 号", "SB-01")]
    assert after == ["GX-MY-0004", "GX-SB-0002"]
    older = services.find(copy.name)
    restored(older, now + timedelta(hours=1))
    assert entered(cast, now, "31 号") == "GX-MY-0005", "what was passed over stays so when the copy comes back again"


def test_a_community_that_the_copy_does_not_know_goes_on_when_it_is_entered_anew(
    office: Flask, cast: Cast, now: datetime
) -> None:
    def grow() -> None:
        for code, kind in (("LT", AreaKind.COMMUNITY), ("LT-01", AreaKind.GRID)):
            kept = AreaType.BACKSTREET if kind is AreaKind.GRID else None
            areas.add(name=f"龙潭{code}", kind=kind, code=code, area_type=kept, by=cast["admin"], now=now)
        db.session.commit()

    copy = services.back_up(now=now)
    grow()
    assert [entered(cast, now, door, "LT-01") for door in ("1 号", "2 号")] == ["GX-LT-0001", "GX-LT-0002"]
    restored(copy, now)
    restored(copy, now + timedelta(hours=1))  # the second finds it in what the first has passed over
    grow()
    assert [entered(cast, now, door, "LT-01") for door in ("3 号", "4 号")] == ["GX-LT-0003", "GX-LT-0004"]


def test_a_street_after_a_restore_gets_no_code_of_another(office: Flask, cast: Cast, now: datetime) -> None:
    first = a_street(now, by=cast["staff"]).code
    db.session.commit()
    copy = services.back_up(now=now)
    since = [a_street(now, by=cast["staff"], name=name).code for name in ("后来的巷", "再后来的巷")]
    db.session.commit()
    restored(copy, now)
    after = a_street(now, by=cast["staff"], name="还原后的巷").code
    assert [first, *since, after] == ["L0001", "L0002", "L0003", "L0004"]


def test_a_grid_after_a_restore_gets_no_code_of_another(office: Flask, cast: Cast, now: datetime) -> None:
    def add(name: str, kind: AreaKind = AreaKind.GRID) -> str:
        kept = {"community": "MY", "area_type": AreaType.BACKSTREET} if kind is AreaKind.GRID else {}
        code = areas.add(name=name, kind=kind, by=cast["admin"], now=now, **kept).code
        db.session.commit()
        return code

    copy = services.back_up(now=now)
    assert (add("后来的网格"), add("后来的科室", AreaKind.SECTION)) == ("MY-03", "K01")
    restored(copy, now)
    assert (add("还原后的网格"), add("还原后的科室", AreaKind.SECTION)) == ("MY-04", "K02")


def test_every_sequence_of_numbers_is_offered(office: Flask) -> None:
    """A table that counts numbers up, and that no offer names, would start again after a restore."""
    counting = {name for name, table in db.metadata.tables.items() if "last" in table.columns}
    shops = {"merchants_sequences", "merchants_old_sequences"}
    assert counting == {"papers_numbers", "places_sequences", "areas_old_sequences"} | shops
    assert {one.label for one in offers().numbers} == {"文书编号", "店铺编号", "路段编号", "网格和科室编号"}


def test_files_of_the_former_office_are_no_orphans(office: Flask, now: datetime) -> None:
    store: FileStore = office.extensions["files"]
    copy = services.back_up(now=now)
    later = store.put(b"a paper that was made after the copy", ".pdf")
    restored(copy, now)
    for digest in store.digests():
        os.utime(store.path(digest), (0, 0))
    assert services.sweep_orphans(now=now) == 0 and store.has(later)
    shutil.rmtree(office.config["INSTANCE"] / "aside")
    assert services.sweep_orphans(now=now) == 1 and not store.has(later), "who deletes the one lets go of the other"
    db.session.rollback()


def test_anchors_of_lines_that_are_gone_lie_aside(office: Flask, cast: Cast, now: datetime) -> None:
    kept = anchor(now=now)
    copy = services.back_up(now=now)
    a_later_shop(cast, now)
    gone = anchor(now=now + timedelta(days=1))
    restored(copy, now + timedelta(days=1))
    assert anchors_file().read_text() == f"{kept}\n"
    (aside,) = (office.config["INSTANCE"] / "aside").iterdir()
    assert (aside / "anchors.txt").read_text() == f"{gone}\n"


def test_a_running_office_is_not_overwritten(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    with untouched(office):
        handle = running.hold(office.config["INSTANCE"])
        other = running.hold(office.config["INSTANCE"])  # a second machine, or the clockwork
        os.close(handle)
        with pytest.raises(Refused, match="门户正在运行，不能还原。请先停下网站和定时任务"):
            restored(copy, now)
        os.close(other)
    with services.at_rest(), pytest.raises(RuntimeError, match="正在还原备份"):
        running.hold(office.config["INSTANCE"])
    assert restored(copy, now).copy == copy


def test_a_program_that_has_the_database_open_is_noticed(office: Flask, now: datetime) -> None:
    """Something else than script/server: a console, a command, a host that shows the check page alone."""
    copy = services.back_up(now=now)
    url = db.engine.url
    with untouched(office):
        if url.get_backend_name() == "sqlite":
            other: Any = sqlite3.connect(str(url.database))
        else:
            other = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        with closing(other):
            other.execute("SELECT count(*) FROM merchants_shops").fetchone()
            with pytest.raises(Refused, match="还有程序开着数据库，不能还原"):
                restored(copy, now)
    assert restored(copy, now).lost_lines == 0


@pytest.mark.parametrize("what", ["database", "manifest.json", "files.txt", "SHA256SUMS", "a file"])
def test_with_one_byte_changed_nothing_is_brought_back(office: Flask, now: datetime, what: str) -> None:
    copy = services.back_up(now=now)
    path = {"database": copy.folder / copy.manifest.database, "a file": next(copy.folder.parent.glob("files/*/*"))}
    spoil(path.get(what) or copy.folder / what)
    with untouched(office), pytest.raises(Refused, match="没有还原，现在的数据没有动。备份完好：否"):
        restored(copy, now)


def test_without_the_key_nothing_is_brought_back(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    sealing = office.config["INSTANCE"] / "secrets" / "sealing"
    sealing.rename(sealing.with_name("elsewhere"))
    with untouched(office), pytest.raises(Refused, match="没有动。密钥能打开封存的数据：否，密钥不在"):
        restored(copy, now)
    sealing.with_name("elsewhere").rename(sealing)
    (sealing / "sealing-0001.key").write_text(f"{token_hex(32)}\n")
    with untouched(office), pytest.raises(Refused, match="现有的密钥不是当时的"):
        restored(copy, now)


def test_a_database_that_is_gone_or_broken_is_no_hindrance(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    url = db.engine.url
    db.session.remove()
    db.engine.dispose()
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).write_bytes(b"no database at all" * 1000)
    else:
        server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{url.database}"')
    found = restored(copy, now)
    assert count("merchants_shops") == 1 and found.former_head is None and found.lost_lines == 0
    assert found.unknown == [one.label for one in offers().numbers], "the command tells what nobody knows"


def test_on_a_machine_that_has_nothing_but_copies_and_keys(
    office: Flask, now: datetime, tmp_path: Path, clock: StoppedClock
) -> None:
    """The house has burnt down: a new folder, the copies from the second place, the keys from the drawer."""
    anchor(now=now)
    copy = services.back_up(now=now)
    fresh, url = tmp_path / "fresh", db.engine.url
    shutil.copytree(services.key_folder() / copy.manifest.key_set / "secrets", fresh / "secrets")
    empty = url.set(database=f"{url.database}_fresh")
    if url.get_backend_name() == "sqlite":
        empty = url.set(database=str(fresh / "portal.sqlite3"))
    app = create_app(settings(fresh, empty.render_as_string(hide_password=False)), clock=clock)
    with app.app_context():
        found = restored(services.find("newest", copy.folder.parent), now)
        assert found.aside == "" and count("merchants_shops") == 1
        assert len(list(app.extensions["files"].digests())) == 1
        assert anchors_file().is_file() and verify().whole
        db.session.remove()
        db.engine.dispose()
