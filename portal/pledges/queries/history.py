"""What a shop has signed, as its file page tells it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.ground.db import rows
from portal.ground.fields.masks import UNREADABLE
from portal.ground.sealed import shown
from portal.merchants.models import Shop
from portal.pledges.models import Ending, Pledge
from portal.pledges.queries.standing import standing_columns
from portal.pledges.terms import Method, PledgeState, Signer, Standing


@dataclass(frozen=True)
class Signed:
    """One pledge of a shop, with its witness and how it ended. `signer_name` is in clear: mask it."""

    id: int
    number: str
    signed_at: datetime
    starts_on: date
    until_on: date
    method: Method
    signer: Signer
    signer_name: str | None
    witness: str | None
    ended_as: PledgeState | None
    ended_at: datetime | None
    reason: str | None


@cache
def _history() -> Select[*tuple[Any, ...]]:
    """The statement, made once: every shop page asks it. The shop's standing comes with each of its pledges."""
    pledge = aliased(Pledge)
    return (
        select(
            *standing_columns(), pledge.id, pledge.number, pledge.signed_at, pledge.starts_on, pledge.until_on,
            pledge.method, pledge.signer, pledge.persons_sealed, pledge.seal_ref, Person.name, Ending.state,
            Ending.ended_at, Ending.reason,
        )
        .select_from(Shop)
        .outerjoin(pledge, pledge.shop_id == Shop.id)
        .outerjoin(Person, Person.id == pledge.witness_id)
        .outerjoin(Ending, Ending.pledge_id == pledge.id)
        .where(Shop.id == bindparam("shop_id"))
        .order_by(pledge.signed_at.desc(), pledge.id.desc())
    )  # fmt: skip


def history(shop_id: int, *, today: date) -> tuple[Standing, date | None, list[Signed]]:
    """Return how a shop stands, until when its pledge runs, and every pledge of it, the newest first. One query."""
    place = f"{Pledge.__tablename__}.persons"
    found = rows(_history(), {"shop_id": shop_id, "today": today})
    signed = []
    for row in found:
        values: list[Any] = list(row[2:])
        if values[0] is None:
            break
        sealed, ref = values[7:9]
        persons = shown(sealed, where=place, ref=ref) if sealed else "{}"
        values[7:9] = [persons if persons == UNREADABLE else json.loads(persons).get("signer")]
        signed.append(Signed(*values))
    return Standing(found[0][0]), found[0][1], signed
