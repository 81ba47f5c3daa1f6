"""演练 on both databases: a copy that is whole passes, and whatever is wrong with one is told by name (SEC-6)."""

import shutil
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.files import FileStore
from portal.ground.sealing import make_keys
from portal.upkeep import jobs, queries, services
from portal.upkeep.services import shelf
from portal.upkeep.services.postgres import PostgreSQL
from portal.upkeep.terms import Drilled, Finding
from tests.cast import Cast
from tests.merchants.shops import a_shop
from tests.trail import details, lines
from tests.upkeep.copies import edited, spoil

WHOLE = ["备份完好", "行数一致", "留痕末端一致", "留痕链条完整", "文件齐全", "密钥能打开封存的数据"]


def faults(found: Drilled) -> dict[str, str]:
    return {line.what: line.words for line in found.lines if not line.holds}


def dropped(table: str) -> None:
    """Take the guards of a table away, as somebody with the database's own password could."""
    if db.engine.dialect.name == "sqlite":
        triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
        for name in db.session.scalars(db.text(triggers), {"table": table}).all():
            db.session.execute(db.text(f'DROP TRIGGER "{name}"'))
    else:
        db.session.execute(db.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


def test_sec_6_a_whole_copy_passes(office: Flask, cast: Cast, now: datetime) -> None:
    copy = services.back_up(now=now)
    found = services.drill(copy, now=now)
    assert found.holds, found.lines
    assert [line.what for line in found.lines] == WHOLE
    assert found.lines[4] == Finding("文件齐全", True, "登记的 1 个文件都在")
    assert found.lines[5].words.startswith("试开了 ")
    services.note_drill(copy, found, by=cast["admin"], now=now)
    db.session.commit()
    assert details(lines("upkeep.drill")[0]) == {"holds": True}
    (drill,) = db.session.scalars(queries.drills())
    assert drill.lines == list(found.lines) and drill.first_fault == ""


def test_nothing_of_the_office_changes_and_nothing_is_left(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    before = db.session.execute(db.text("SELECT count(*), max(seq) FROM audit_lines")).one()
    db.session.rollback()
    services.drill(copy, now=now)
    assert db.session.execute(db.text("SELECT count(*), max(seq) FROM audit_lines")).one() == before
    assert not list(services.folder().glob(".*part"))
    if db.engine.dialect.name == "postgresql":
        # Of this office alone: other tests drill too.
        mine = "SELECT datname FROM pg_database WHERE datname LIKE current_database() || '%drill%'"
        names = db.session.scalars(db.text(mine)).all()
        assert not names


def test_sec_6_rows_that_differ_are_told(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    tables = {**copy.manifest.tables, "merchants_shops": 7}
    assert faults(services.drill(edited(copy, tables=tables), now=now)) == {"行数一致": "对不上的表：merchants_shops"}


def test_the_trail_s_end_is_compared(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    seq, digest = copy.manifest.head
    found = services.drill(edited(copy, head=[seq + 3, digest]), now=now)
    assert list(faults(found)) == ["留痕末端一致"] and f"清单写的是第 {seq + 3} 行" in faults(found)["留痕末端一致"]


def test_a_chain_that_was_broken_before_the_copy_is_told(office: Flask, now: datetime) -> None:
    dropped("audit_lines")
    db.session.execute(db.text("UPDATE audit_lines SET actor_name = '别人' WHERE seq = 1"))
    db.session.commit()
    found = services.drill(services.back_up(now=now), now=now)
    assert list(faults(found)) == ["留痕链条完整"] and "第 1 行" in faults(found)["留痕链条完整"]


def test_a_file_that_a_row_names_and_nobody_has_is_told(office: Flask, now: datetime) -> None:
    store: FileStore = office.extensions["files"]
    (digest,) = store.digests()
    store.remove(digest)
    found = services.drill(services.back_up(now=now), now=now)
    assert faults(found) == {"文件齐全": f"缺 1 个：门头照 {digest[:8]}…"}


def test_without_the_keys_it_says_where_they_are(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    sealing = office.config["INSTANCE"] / "secrets" / "sealing"
    shutil.rmtree(sealing)
    said = faults(services.drill(copy, now=now))["密钥能打开封存的数据"]
    kept = services.key_folder() / copy.manifest.key_set / "secrets"
    assert "密钥不在" in said and str(kept) in said
    shutil.copytree(kept / "sealing", sealing)
    assert services.drill(copy, now=now).holds, "as it says, so it is"


def test_another_key_is_told_from_the_right_one(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    key = office.config["INSTANCE"] / "secrets" / "sealing" / "sealing-0001.key"
    key.write_text("0123456789abcdef" * 4 + "\n")
    said = faults(services.drill(copy, now=now))
    assert list(said) == ["密钥能打开封存的数据"] and "不是当时的" in said["密钥能打开封存的数据"]


def test_a_newer_key_beside_the_old_one_opens_all(office: Flask, now: datetime, tmp_path: Path) -> None:
    copy = services.back_up(now=now)
    make_keys(tmp_path / "later", above=1)
    shutil.copy(tmp_path / "later" / "sealing-0002.key", office.config["INSTANCE"] / "secrets" / "sealing")
    assert services.drill(copy, now=now).holds


def test_a_copy_of_another_database_or_of_a_later_portal_is_told(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[copy.manifest.engine]
    found = faults(services.drill(edited(copy, engine=other, revision="9999"), now=now))
    assert list(found) == ["数据库种类", "程序认得"]
    assert "DATABASE_URL" in found["数据库种类"] and "请先升级程序" in found["程序认得"]
    with pytest.raises(Refused, match="清单读不出来"):
        edited(copy, format=99)


def test_a_drill_that_fails_is_written_down_and_is_an_error_of_its_duty(office: Flask, now: datetime) -> None:
    copy = services.back_up(now=now)
    assert jobs.drill(now=now) == len(WHOLE)
    spoil(copy.folder / copy.manifest.database)
    with pytest.raises(Refused, match="演练没有通过。备份完好：否，数据库文件和做备份时不一样"):
        jobs.drill(now=now)
    db.session.rollback()
    assert [drill.holds for drill in db.session.scalars(queries.drills())] == [False, True]
    assert "哪怕只差一个字节" in db.session.scalars(queries.drills(1)).one().first_fault


def test_without_any_copy_there_is_nothing_to_try(office: Flask, now: datetime) -> None:
    with pytest.raises(Refused, match="没有叫 newest 的备份。现有：一份也没有"):
        services.drill_newest(by=Cast.load(now)["admin"], now=now)
    with pytest.raises(Refused, match="还没有备份"):
        services.verify_all(now=now)


@pytest.mark.postgres
def test_an_account_that_may_make_no_database_is_told_what_to_do(
    postgres_url: str, tmp_path: Path, site: Flask
) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS clerk")
        connection.execute("CREATE ROLE clerk LOGIN")
    engine = PostgreSQL(db.make_url(postgres_url).set(username="clerk"))
    trial = engine.on_trial(tmp_path / "portal.dump", tmp_path)
    with site.app_context(), pytest.raises(Refused, match="ALTER ROLE clerk CREATEDB"), trial:
        raise AssertionError
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("DROP ROLE clerk")


def test_a_shop_that_came_later_is_not_in_the_copy(office: Flask, cast: Cast, now: datetime) -> None:
    copy = services.back_up(now=now)
    a_shop(now, by=cast["staff"], sign_name="后来的店", door_no="99 号", phone="13900000001")
    db.session.commit()
    found = services.drill(services.find(copy.name), now=now)
    assert found.holds, "a drill compares the copy with what it says of itself, not with the office of today"
    assert copy.manifest.tables["merchants_shops"] == 1
    assert (copy.folder / shelf.SUMS).is_file()
