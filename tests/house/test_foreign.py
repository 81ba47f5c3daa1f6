"""Every route with an id × every role × every method, asked for a row out of reach (SEC-3): it is not there, 404.

The rows stand in 石坝村, or are another person's own; whoever asks sits in 明月社区, or is anybody else. The ids come
by the address up to their part: a route with an id that `furnish` does not name fails here, until it has a foreign row.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.routing import Rule

from portal.accounts.models import Authority, PersonRole, Proposal
from portal.accounts.models import WaitingSheet as PeopleSheet
from portal.accounts.terms import ROLES
from portal.areas.models import WaitingSheet as AreasSheet
from portal.ground.db import db, writing
from portal.ground.sheets.waiting import keep
from portal.kiosk import services as kiosk
from portal.kiosk.models import Call, Device
from portal.merchants.models import OldPhoto, ShopFile
from portal.merchants.models import WaitingSheet as ShopsSheet
from portal.places.models import WaitingSheet as StreetsSheet
from portal.pledges import services as pledges
from portal.reminders.models import Mail, Note
from portal.reminders.terms import MailState
from portal.worktime.models import WaitingSheet as CalendarSheet
from tests.cast import Cast
from tests.conftest import NOON, Visitor, a_visitor
from tests.house.test_walk import LOGIN_OF, ask, opens, rules
from tests.places.streets import a_street
from tests.pledges.ways import a_machine, a_shop, signed

#: The same for everybody whose key opens the door: names, days and numbers of the whole office, one's own digest.
EVERYBODYS = {
    *("/check/<code>", "/duties/<name>", "/settings/keys/<key>", "/trail/<int:seq>", "/reminders/digests/<day>"),
    *("/pledges/templates/<int:version>", "/worktime/days/<on>", "/worktime/sheets/<int:year>"),
    "/worktime/versions/<int:number>",
}
#: What belongs to one person, whatever the others may do.
PERSONAL = re.compile("/reminders/<int:id>|/[a-z]+/sheets/<int:id>")
#: Who sits in 明月社区 or in its grid.
NEAR = {"secretary", "community_staff", "grid_worker", "volunteer_leader", "volunteer"}
#: Pages that no row of these shows as it stands: a file opens by a signed address, an attachment that was taken off.
CLOSED = {"papers.file", "merchants.old_attachment"}
HEADINGS = "名称,类别,网格代码,店招名称,业态,路名,门牌,社区,网格\n"
PART = re.compile(r"<[^>]*>")


class Rows(NamedTuple):
    """Ids by the address up to their part: out of reach, and within it."""

    foreign: dict[str, int]
    home: dict[str, int]


def prefixes(rule: Rule) -> list[str]:
    """The address of a rule up to each of its parts."""
    return [rule.rule[: part.end()] for part in PART.finditer(rule.rule)]


def address(rule: Rule, *tables: dict[str, int]) -> str:
    """The address with ids from the tables, the first for the first part; the last one goes on."""
    url = rule.rule
    for place, prefix in enumerate(prefixes(rule)):
        table = tables[min(place, len(tables) - 1)]
        url = url.replace(PART.findall(prefix)[-1], str(table[prefix]), 1)
    return url


def with_ids(site: Flask) -> list[Rule]:
    return [rule for rule in rules(site) if rule.arguments and not EVERYBODYS.intersection(prefixes(rule))]


def furnish(cast: Cast, *, community: str, grid: str, owner: str, clerk: str) -> dict[str, int]:
    """One row of every kind in a community; sheets and notes are the owner's."""
    area, person = cast.areas[community], cast.people[owner]
    machine = a_machine(NOON, name=f"{area.name}一号机", area_id=area.id)
    kiosk.name_attendant(db.session.get_one(Device, machine.id), person, by=cast["admin"], now=NOON)
    kiosk.call_staff(by=machine, now=NOON)
    shop = a_shop(NOON, grid=grid)
    pledge = signed(shop, machine, by=cast[clerk], now=NOON)
    proposal = Proposal(
        person_id=person.id, role="market_manager", area_id=area.id, from_on=NOON.date(), proposed_by="系统（演示）",
        proposed_at=NOON,
    )  # fmt: skip
    mail = Mail(
        person_id=person.id, slot="1", message_id=f"<{owner}@portal.test>", until_at=NOON, came=1, waiting=1, overdue=0,
        written_at=NOON, asked_at=NOON, state=MailState.REFUSED, answered_at=NOON,
    )  # fmt: skip
    db.session.add_all([proposal, mail])
    sheets = {
        f"/{name}/sheets/<int:id>": keep(kind, HEADINGS.encode(), "底册.csv", person_id=person.id, now=NOON).id
        for name, kind in (
            ("areas", AreasSheet), ("merchants", ShopsSheet), ("people", PeopleSheet), ("places", StreetsSheet),
            ("worktime", CalendarSheet),
        )
    }  # fmt: skip
    db.session.flush()
    one = db.session.scalars
    return sheets | {
        "/areas/<int:id>": area.id,
        "/kiosks/<int:id>": machine.id or 0,
        "/kiosks/<int:id>/attendants/<int:person>": person.id,
        "/kiosks/calls/<int:id>": one(select(Call.id).where(Call.device_id == machine.id)).one(),
        "/merchants/<int:id>": shop.id,
        "/papers/<int:id>": pledge.paper_id,
        "/people/<int:id>": person.id,
        "/people/<int:id>/authorities/<int:authority>": one(
            select(Authority.id).where(Authority.person_id == person.id)
        ).one(),
        "/people/<int:id>/roles/<int:role>": one(select(PersonRole.id).where(PersonRole.person_id == person.id)).one(),
        "/people/proposals/<int:id>": proposal.id,
        "/places/<int:id>": a_street(NOON, grid).id,
        "/pledges/<int:id>": pledge.id,
        "/pledges/shops/<int:shop_id>": shop.id,
        "/reminders/mails/<int:id>": mail.id,
        "/reminders/<int:id>": one(select(Note.id).where(Note.person_id == person.id)).first() or 0,
    }


def with_pictures(site: Flask, rows: dict[str, int], clerk: Visitor) -> dict[str, int]:
    """What the shop's clerk adds at the pages: a photo in the place of another, attachments."""
    shop = f"/merchants/{rows['/merchants/<int:id>']}"
    for shade in (40, 90):
        for door in ("photo", "files"):
            data = BytesIO()
            Image.new("RGB", (320, 240), (shade, 120, 90)).save(data, "JPEG")
            sent = {"file": (BytesIO(data.getvalue()), f"{shade}.jpg")}
            assert clerk.post(f"{shop}/{door}", sent, content_type="multipart/form-data").status_code == 303
    with site.app_context():
        file = db.session.scalars(select(ShopFile.id).order_by(ShopFile.id.desc())).first()
        photo = db.session.scalars(select(OldPhoto.id).order_by(OldPhoto.id.desc())).first()
    return rows | {
        "/merchants/<int:id>/files/<int:file>": file or 0,
        "/merchants/<int:id>/photos/<int:photo>": photo or 0,
    }


@pytest.fixture
def rows(site: Flask) -> Rows:
    """A village with one of everything, and as much in 明月社区."""
    with site.test_request_context():
        writing.set(True)
        pledges.sow_templates(NOON)
        cast = Cast.load(NOON)
        foreign = furnish(cast, community="SB", grid="SB-01", owner="village", clerk="village")
        home = furnish(cast, community="MY", grid="MY-01", owner="grid", clerk="staff")
        db.session.commit()
        db.session.remove()
    return Rows(
        with_pictures(site, foreign, a_visitor(site).sign_in("village")),
        with_pictures(site, home, a_visitor(site).sign_in("staff")),
    )


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def test_every_id_of_the_map_has_a_foreign_row(site: Flask, rows: Rows) -> None:
    wanted = {prefix for rule in with_ids(site) for prefix in prefixes(rule)}
    assert wanted == set(rows.foreign) == set(rows.home)
    assert not EVERYBODYS & wanted
    assert all(rows.foreign.values()) and all(rows.home.values())


def asked(site: Flask, role: str) -> Iterator[tuple[Rule, str, bool]]:
    """Every route with an id and every method of it, and whether the role's keys open it."""
    for rule in with_ids(site):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, opens(site.view_functions[rule.endpoint].needs, ROLES[role].keys)


def test_sec_3_a_row_out_of_reach_is_not_there(site: Flask, rows: Rows) -> None:
    wrong = []
    for role in sorted(ROLES):
        visitor = a_visitor(site).sign_in(LOGIN_OF[role])
        for rule, method, opened in asked(site, role):
            if role not in NEAR and not PERSONAL.match(rule.rule):
                continue
            status, want = ask(visitor, method, address(rule, rows.foreign)), 404 if opened else 403
            if status != want:
                wrong.append(f"{role}: {method} {rule.rule}: {status}, not {want}")
    assert not wrong, "\n".join(wrong)


def test_sec_3_nor_is_it_under_a_row_within_reach(site: Flask, rows: Rows) -> None:
    """Two ids in one address: the file of another shop is no file of mine."""
    wrong = []
    for role in sorted(ROLES):
        visitor = a_visitor(site).sign_in(LOGIN_OF[role])
        for rule, method, opened in asked(site, role):
            if len(prefixes(rule)) < 2 or not opened:
                continue
            if (status := ask(visitor, method, address(rule, rows.home, rows.foreign))) != 404:
                wrong.append(f"{role}: {method} {rule.rule}: {status}, not 404")
    assert not wrong, "\n".join(wrong)


def test_whose_they_are_may_open_them(site: Flask, rows: Rows) -> None:
    """The control: these rows are there, and every page about them opens to whoever is near them and has the key."""
    wrong, opened_to = [], set()
    for role, login, table in (
        ("community_staff", "village", rows.foreign),
        ("grid_worker", "grid", rows.home),
    ):
        visitor = a_visitor(site).sign_in(login)
        for rule, method, opened in asked(site, role):
            if method == "GET" and opened and rule.endpoint not in CLOSED:
                opened_to.add(rule.rule)
                if (status := ask(visitor, method, address(rule, table))) in (403, 404):
                    wrong.append(f"{login}: {rule.rule}: {status}")
    assert len(opened_to) > 20 and not wrong, "\n".join(wrong)
