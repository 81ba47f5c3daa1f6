"""One value whose seal is broken takes no page down: its place says 打不开, and the log says which it is."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, text

from portal.accounts.models import Person
from portal.ground.clock import StoppedClock
from portal.ground.db import db, writing
from portal.merchants.models import Shop
from portal.pledges.models import Pledge
from portal.pledges.services import sow_templates
from tests.cast import Cast
from tests.conftest import Visitor
from tests.merchants.shops import phone_of
from tests.pledges import ways


@pytest.fixture
def broken(site: Flask, clock: StoppedClock) -> Iterator[dict[str, int]]:
    """Two shops that have signed, and staff; one telephone of each kind and one pledge's persons are rotten."""
    with site.app_context():
        writing.set(True)
        now = clock.now()
        sow_templates(now)
        staff, machine = Cast.load(now)["grid"], ways.a_machine(now)
        shops = [ways.a_shop(now, landlord_name="房东某", landlord_phone="13900002222") for _ in "ab"]
        pledges = [ways.signed(shop, machine, by=staff, now=now + timedelta(seconds=1)) for shop in shops]
        person = db.session.scalars(select(Person).where(Person.login == "staff")).one()
        person.phone, person.mail = "13700003333", "a@b.cn"
        db.session.flush()
        ids = {"shop": shops[0].id, "pledge": pledges[0].id, "person": person.id}
        ref = shops[0].seal_ref
        db.session.commit()
        for table, columns, row in (
            (Shop.__tablename__, ("phone", "landlord_phone"), ids["shop"]),
            (Pledge.__tablename__, ("persons",), ids["pledge"]),
            (Person.__tablename__, ("phone", "mail"), ids["person"]),
        ):
            for column in columns:
                # One sign of the ciphertext is another one.
                sealed = db.session.scalar(text(f"SELECT {column}_sealed FROM {table} WHERE id = {row}"))
                place = 40
                other = "A" if sealed[place] != "A" else "B"
                db.session.execute(
                    text(f"UPDATE {table} SET {column}_sealed = :sealed WHERE id = {row}"),
                    {"sealed": sealed[:place] + other + sealed[place + 1 :]},
                )
        db.session.commit()
        db.session.remove()
    yield {**ids, "ref": ref}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("login", "url", "times"),
    [
        ("staff", "/merchants/", 1), ("staff", "/merchants/{shop}", 2), ("staff", "/merchants/{shop}/print", 2),
        ("staff", "/merchants/{shop}/edit", 2), ("staff", "/pledges", 1), ("staff", "/pledges/{pledge}", 1),
        ("admin", "/people/", 1), ("admin", "/people/{person}", 2), ("admin", "/people/{person}/edit", 2),
    ],
)  # fmt: skip
def test_the_page_stands(visitor: Visitor, broken: dict[str, int], login: str, url: str, times: int) -> None:
    answer = visitor.sign_in(login).get(url.format(**broken))
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).count("打不开") >= times


def test_the_other_rows_stand_as_ever_and_the_log_says_which_is_broken(
    staff: Visitor, broken: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    shown = staff.get("/merchants/").get_data(as_text=True)
    assert shown.count("138****5678") == 1 and shown.count("打不开") == 1
    assert [line.getMessage() for line in caplog.records] == [
        f"sealed value cannot be opened, seal_ref {broken['ref']}: "
        "merchants_shops.phone: changed since it was sealed, or sealed for another row"
    ]


def test_a_sheet_says_so_too(staff: Visitor, broken: dict[str, int]) -> None:
    for url in ("/merchants/export", "/pledges/export"):
        book = load_workbook(BytesIO(staff.post(url).data))
        cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
        assert "打不开" in cells and "打不*" not in cells


def test_whoever_asks_for_the_number_itself_is_told(staff: Visitor, broken: dict[str, int]) -> None:
    answer = staff.post(f"/merchants/{broken['shop']}/telephone", {"reason": "visit"})
    assert answer.status_code == 409 and "封存的资料打不开" in answer.get_data(as_text=True)


def test_a_form_that_leaves_it_alone_keeps_it_and_a_new_number_mends_it(
    site: Flask, visitor: Visitor, broken: dict[str, int]
) -> None:
    admin, url = visitor.sign_in("admin"), f"/people/{broken['person']}/edit"

    def kept() -> tuple[str | None, int]:
        with site.app_context():
            writing.set(False)
            person = db.session.get_one(Person, broken["person"])
            return person.phone_sealed, person.version

    rotten, version = kept()
    assert admin.post(url, {"name": "改了名字", "version": str(version)}).status_code == 303
    assert kept()[0] == rotten
    fresh = {"name": "改了名字", "phone": "13511112222", "version": str(kept()[1])}
    assert admin.post(url, fresh).status_code == 303
    shown = admin.get(f"/people/{broken['person']}").get_data(as_text=True)
    assert "135****2222" in shown and shown.count("打不开") == 1


def test_a_shop_s_number_is_mended_by_its_form(site: Flask, staff: Visitor, broken: dict[str, int]) -> None:
    with site.app_context():
        writing.set(False)
        shop = db.session.get_one(Shop, broken["shop"])
        fields = {
            "sign_name": shop.sign_name, "trade": shop.trade.value, "street": shop.street, "door_no": shop.door_no,
            "grid_id": str(shop.grid_id), "unlicensed": "1", "version": str(shop.version), "phone": "13511112222",
            "twins_seen": "1",
        }  # fmt: skip
    answer = staff.post(f"/merchants/{broken['shop']}/edit", fields)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert phone_of(site, broken["shop"]) == "13511112222"
