"""Services and queries of the shop file, on both databases: deeds, their traces, whose rows, counts, search."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from portal.areas import services as areas
from portal.audit.models import TrailLine
from portal.ground.can import Can
from portal.ground.db import db
from portal.ground.errors import Refused
from portal.ground.photos import Photo
from portal.merchants import queries, services
from portal.merchants.models import Shop, ShopEvent, ShopWords, Tally, Tenure
from portal.merchants.terms import EventKind, Listing, ShopState, Trade
from tests.cast import Cast
from tests.merchants.shops import CODE, a_shop, facts
from tests.trail import details, lines


def found(cast: Cast, now: datetime, who: str = "staff", **asked: object) -> list[str]:
    tree = queries.tree()
    want = queries.wanted(Listing(**asked), actor=cast[who], tree=tree, now=now)
    found = queries.listed(want, number=1, size=50, total=None, tree=tree)
    return [line.place.partition(" · ")[0] for line in found.items]


def test_a_grid_with_shops_stays(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, by=cast["staff"])
    grid, community = cast.areas["MY-02"], cast.areas["MY"]
    for area in (grid, community):
        assert ("商户", "家", 1) in areas.uses(area, now=now)
    with pytest.raises(Refused, match="商户 1 家"):
        areas.close(grid, reason="并入一网格", version=grid.version, by=cast["admin"], now=now)
    shop.state = ShopState.REMOVED
    db.session.flush()
    assert "商户" not in {label for label, *_ in areas.uses(grid, now=now)}


def test_create_numbers_tenure_timeline_and_trail(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, by=cast["staff"])
    db.session.commit()
    assert shop.number == "GX-MY-0001"
    assert shop.responsible_name == "何小满"
    tenure = queries.current_tenure(shop.id)
    assert tenure is not None
    assert (tenure.operator_name, tenure.from_on, tenure.until_on) == ("何小满", now.date(), None)
    kinds = db.session.scalars(db.select(ShopEvent.kind).where(ShopEvent.shop_id == shop.id))
    assert list(kinds) == [EventKind.CREATED]
    line = lines("merchants.create")[-1]
    assert (line.actor_name, line.subject, details(line)) == (
        "周敏（演示）",
        f"shop:{shop.id}",
        {"number": "GX-MY-0001"},
    )


def test_numbers_run_by_community_and_are_not_used_again(house: Flask, cast: Cast, now: datetime) -> None:
    first = a_shop(now)
    db.session.commit()
    second = a_shop(now, sign_name="二", door_no="8 号")
    db.session.rollback()  # a rolled-back number was never given
    again = a_shop(now, sign_name="二", door_no="8 号")
    village = a_shop(now, grid="SB-01", door_no="9 号")
    assert [s.number for s in (first, again, village)] == ["GX-MY-0001", "GX-MY-0002", "GX-SB-0001"]
    assert second is not again


def test_an_attachment_is_taken_off_once_and_stays(house: Flask, cast: Cast, now: datetime) -> None:
    """rules 7.4: soft delete with a reason; two clerks who press at once make one row."""
    store, said = house.extensions["files"], {"by": cast["staff"], "now": now}
    shop = a_shop(now)
    kept = services.attach(
        shop, name="执照.pdf", data=b"%PDF", suffix=".pdf", media="application/pdf", store=store, **said
    )
    services.detach(shop, kept, reason="传错了店", **said)
    db.session.commit()
    assert not queries.attachments(shop.id)
    [old] = queries.old_attachments(shop.id)
    assert tuple(old) == (kept.id, "执照.pdf", now, "周敏（演示）", "传错了店")
    assert details(lines("merchants.detach")[-1])["reason"] == "传错了店" and store.has(kept.sha)
    with pytest.raises(Refused, match="刚被别人移除"):
        services.detach(shop, kept, reason="再来一次", **said)


def test_the_photo_before_is_kept_once(house: Flask, cast: Cast, now: datetime) -> None:
    store, said = house.extensions["files"], {"by": cast["staff"], "now": now}
    shop = a_shop(now)
    for bytes_ in (b"first", b"second", b"second"):
        services.set_photo(shop, Photo(bytes_, 64, 48, None, "jpg"), store=store, **said)
    db.session.commit()
    [old] = queries.old_photos(shop.id)
    assert tuple(old)[1:] == (now, "周敏（演示）")
    photo = db.session.scalars(queries.old_photo(shop.id, old.id)).one()
    assert store.path(photo.sha).read_bytes() == b"first"


def test_personal_data_stand_sealed(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, landlord_name="陈大顺", landlord_phone="023-74512345")
    db.session.flush()
    raw = db.session.execute(
        select(Shop.phone_sealed, Shop.landlord_phone_sealed, Shop.phone_index, Shop.phone_tail)
    ).one()
    assert not any("2207" in str(value) or "74512345" in str(value) for value in raw)
    db.session.expire_all()
    assert (shop.phone, shop.landlord_phone) == ("13600002207", "023-74512345")


def test_edit_changes_says_what_and_counts_the_version(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    db.session.commit()
    other = facts(sign_name="阿婆豆花总店", frontage_cm=640, responsible_name="何小满")
    assert services.edit(shop, other, version=1, tree=queries.tree(), by=cast["staff"], now=now) == [
        "sign_name", "frontage_cm",
    ]  # fmt: skip
    db.session.commit()
    assert shop.version == 2
    assert queries.events(shop.id)[0].text == "改了店招名称、面宽"
    assert details(lines("merchants.edit")[-1])["fields"] == ["sign_name", "frontage_cm"]
    assert found(cast, now, words="zongdian") == ["GX-MY-0001"]


def test_edit_of_nothing_changes_nothing(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    db.session.commit()
    same = facts(responsible_name="何小满")
    assert services.edit(shop, same, version=1, tree=queries.tree(), by=cast["staff"], now=now) == []
    db.session.commit()
    assert shop.version == 1
    assert not lines("merchants.edit")


def test_stale_version_is_refused(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    db.session.commit()
    with pytest.raises(Refused, match="他人已先修改，请刷新"):
        services.edit(shop, facts(sign_name="改"), version=0, tree=queries.tree(), by=cast["staff"], now=now)


def test_change_of_operator_ends_and_opens(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, operator_from=date(2025, 6, 3), state=ShopState.TRANSFER)
    db.session.commit()
    new = services.change_operator(
        shop, operator="何春", responsible="", phone="13600009999", on=now.date(), reason="执照已换", version=1,
        by=cast["staff"], now=now,
    )  # fmt: skip
    db.session.commit()
    past, present = sorted(shop.tenures, key=lambda one: one.id)
    assert (past.until_on, past.ended_by, past.end_reason) == (now.date(), "周敏（演示）", "执照已换")
    assert (present.id, present.operator_name, present.until_on) == (new.id, "何春", None)
    assert (shop.responsible_name, shop.phone, shop.state) == ("何春", "13600009999", ShopState.OPEN)
    assert queries.events(shop.id)[0].title == "经营者变更：何* 转给 何*"
    assert details(lines("merchants.operator")[-1])["ended"] == past.subject


@pytest.mark.parametrize("days", [1, -400])
def test_change_of_operator_on_a_day_that_cannot_be(house: Flask, cast: Cast, now: datetime, days: int) -> None:
    shop = a_shop(now, operator_from=date(2026, 1, 1))
    with pytest.raises(Refused):
        services.change_operator(
            shop, operator="何春", responsible="", phone=None, on=now.date() + timedelta(days=days), reason="",
            version=1, by=cast["staff"], now=now,
        )  # fmt: skip


def test_one_current_tenure_at_most(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    db.session.add(Tenure(shop_id=shop.id, operator_name="他人", from_on=now.date(), opened_by="谁"))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_correcting_a_name_keeps_the_tenure(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    before = queries.current_tenure(shop.id)
    services.correct_operator(shop, name="何晓满", version=1, by=cast["staff"], now=now)
    after = queries.current_tenure(shop.id)
    assert before is after is not None
    assert (after.operator_name, shop.responsible_name) == ("何晓满", "何晓满")


def test_state_keeps_the_tenure_unless_the_operator_left(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    services.change_state(shop, ShopState.TRANSFER, reason="贴了转让", left=False, version=1, by=cast["staff"], now=now)
    assert queries.current_tenure(shop.id) is not None
    services.change_state(shop, ShopState.VACANT, reason="搬空", left=True, version=2, by=cast["staff"], now=now)
    db.session.commit()
    assert queries.current_tenure(shop.id) is None
    assert [e.title for e in queries.events(shop.id)][:2] == ["转让中 → 空置", "营业 → 转让中"]
    with pytest.raises(Refused):
        services.change_state(
            shop, ShopState.VACANT, reason="再说一遍", left=False, version=3, by=cast["staff"], now=now
        )


def test_reveal_writes_who_and_why(house: Flask, cast: Cast, now: datetime) -> None:
    """SEC-7."""
    shop = a_shop(now)
    assert services.reveal(shop, of="responsible", reason="上门前联系", by=cast["staff"], now=now) == (
        "何小满",
        "13600002207",
    )
    db.session.commit()
    line = lines("merchants.reveal")[-1]
    assert (line.actor_name, line.subject) == ("周敏（演示）", f"shop:{shop.id}")
    assert details(line) == {"number": "GX-MY-0001", "of": "responsible", "reason": "上门前联系"}
    assert "13600002207" not in line.details


def test_nothing_to_reveal(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    with pytest.raises(Refused):
        services.reveal(shop, of="landlord", reason="x", by=cast["staff"], now=now)


def test_whose_rows(house: Flask, cast: Cast, now: datetime) -> None:
    for grid, door in (("MY-01", "1 号"), ("MY-02", "2 号"), ("SB-01", "3 号")):
        a_shop(now, grid=grid, door_no=door)
    db.session.flush()
    assert found(cast, now, "office") == ["GX-MY-0001", "GX-MY-0002", "GX-SB-0001"]
    assert found(cast, now, "staff") == ["GX-MY-0001", "GX-MY-0002"]
    assert found(cast, now, "grid") == ["GX-MY-0001"]
    assert found(cast, now, "village") == ["GX-SB-0001"]
    assert found(cast, now, "auditor") == []
    assert list(
        db.session.scalars(queries.visible_to(cast["grid"], Can.MERCHANTS_EDIT).with_only_columns(Shop.number))
    ) == ["GX-MY-0001"]


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("jxlzc", ["GX-MY-0002"]), ("建新路", ["GX-MY-0002"]), ("doufan", []), ("douhua", ["GX-MY-0001"]),
        ("gx-my-0001", ["GX-MY-0001"]), ("0002", ["GX-MY-0002"]), ("桂花巷7", ["GX-MY-0001"]), ("2207", ["GX-MY-0001"]),
        ("13600002207", ["GX-MY-0001"]), ("136 0000 2207", []), ("9999", []), ("shanjia", ["GX-MY-0003"]),
        ("%", []), ("店", ["GX-MY-0003", "GX-MY-0002"]), ("MY-0003", ["GX-MY-0003"]),
    ],
)  # fmt: skip
def test_search(house: Flask, cast: Cast, now: datetime, typed: str, numbers: list[str]) -> None:
    a_shop(now)
    a_shop(now, sign_name="建新路早餐店", street="建新路", door_no="12 号", phone="13800005678")
    a_shop(now, sign_name="单家面店", street="建设路", door_no="3 号", phone=None)
    db.session.flush()
    assert found(cast, now, words=typed) == numbers


def test_postgresql_finds_words_by_index(house: Flask, cast: Cast, now: datetime) -> None:
    """Three letters and more, anywhere in a line; SQLite has no such index, and reads the narrow table."""
    if db.engine.dialect.name == "sqlite":
        assert not {one["name"] for one in inspect(db.session.connection()).get_indexes("merchants_words")}
        return
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    wanted = ShopWords.text.contains("jxlzc", autoescape=True)
    plan = select(ShopWords.shop_id).where(wanted).compile(db.engine, compile_kwargs={"literal_binds": True})
    steps = db.session.scalars(text(f"EXPLAIN {plan}")).all()
    assert any("ix_merchants_words_text" in step for step in steps)


def test_best_hit_first(house: Flask, cast: Cast, now: datetime) -> None:
    a_shop(now, sign_name="老街面馆", street="桂花巷", door_no="1 号")
    a_shop(now, sign_name="学府文印", street="面粉厂路", door_no="2 号")
    a_shop(now, sign_name="面对面", street="桂花巷", door_no="3 号")
    db.session.flush()
    assert found(cast, now, words="面") == ["GX-MY-0003", "GX-MY-0001", "GX-MY-0002"]


def test_filters(house: Flask, cast: Cast, now: datetime) -> None:
    a_shop(now, grid="MY-01", door_no="1 号")
    a_shop(now, grid="MY-02", door_no="2 号", trade=Trade.HAIR)
    a_shop(now, grid="MY-02", door_no="3 号", state=ShopState.VACANT, operator_name="")
    db.session.flush()
    assert found(cast, now, grids=("MY-02",)) == ["GX-MY-0002", "GX-MY-0003"]
    assert found(cast, now, trades=(Trade.HAIR,)) == ["GX-MY-0002"]
    assert found(cast, now, view="vacant") == ["GX-MY-0003"]
    assert found(cast, now, view="vacant", states=(ShopState.OPEN,)) == []
    assert found(cast, now, "office", communities=("SB",)) == []


def tallies() -> dict[tuple[int, ShopState, Trade], int]:
    return {(t.grid_id, t.state, t.trade): t.count for t in db.session.scalars(select(Tally)) if t.count}


def test_tallies_follow_every_change(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now, grid="MY-01", door_no="1 号")
    a_shop(now, grid="MY-02", door_no="2 号")
    services.change_state(shop, ShopState.PAUSED, reason="装修", left=False, version=1, by=cast["staff"], now=now)
    moved = facts("MY-02", door_no="1 号", trade=Trade.HAIR, responsible_name="何小满")
    services.edit(shop, moved, version=2, tree=queries.tree(), by=cast["staff"], now=now)
    db.session.commit()
    kept = tallies()
    services.recount()
    db.session.expire_all()
    assert kept == tallies() != {}
    tree = queries.tree()
    board = queries.counts(frozenset(grid.id for grid in tree.grids))
    assert sum(board.values()) == db.session.scalar(select(func.count()).select_from(Shop)) == 2


def test_search_words_go_with_the_shop(house: Flask, cast: Cast, now: datetime) -> None:
    shop = a_shop(now)
    db.session.flush()
    assert db.session.get(ShopWords, shop.id) is not None


def test_twins(house: Flask, cast: Cast, now: datetime) -> None:
    a_shop(now, uscc=CODE)
    db.session.flush()
    assert [t.because for t in services.twins(facts(uscc=CODE, street="别处", phone=None))] == ["统一社会信用代码相同"]
    assert [t.because for t in services.twins(facts(sign_name="别的店"))] == ["地址和门牌相同"]
    assert [t.because for t in services.twins(facts(street="别处", sign_name="阿婆豆花店"))] == ["电话相同、店名相近"]
    assert services.twins(facts(street="别处", sign_name="学府文印")) == []


def test_a_rolled_back_deed_leaves_no_trace(house: Flask, cast: Cast, now: datetime) -> None:
    a_shop(now, by=cast["staff"])
    db.session.rollback()
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(ShopEvent)) == 0
    assert (
        db.session.scalar(select(func.count()).select_from(TrailLine).where(TrailLine.action == "merchants.create"))
        == 0
    )
