"""What a shop has signed, as its file page tells it."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from portal.accounts.models import Person
from portal.ground.db import db
from portal.ground.sealed import sealer
from portal.pledges.models import Ending, Pledge
from portal.pledges.terms import Method, PledgeState, Signer


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
    """The statement, made once: every shop page asks it."""
    return (
        select(
            Pledge.id, Pledge.number, Pledge.signed_at, Pledge.starts_on, Pledge.until_on, Pledge.method, Pledge.signer,
            Pledge.persons_sealed, Pledge.seal_ref, Person.name, Ending.state, Ending.ended_at, Ending.reason,
        )
        .outerjoin(Person, Person.id == Pledge.witness_id)
        .outerjoin(Ending, Ending.pledge_id == Pledge.id)
        .where(Pledge.shop_id == bindparam("shop_id"))
        .order_by(Pledge.signed_at.desc(), Pledge.id.desc())
    )  # fmt: skip


def history(shop_id: int) -> list[Signed]:
    """Return every pledge of a shop, the newest first. One query."""
    place = f"{Pledge.__tablename__}.persons"
    signed = []
    for row in db.session.execute(_history(), {"shop_id": shop_id}):
        values: list[Any] = list(row)
        sealed, ref = values[7:9]
        persons = json.loads(sealer().open(sealed, where=place, ref=ref)) if sealed else {}
        values[7:9] = [persons.get("signer")]
        signed.append(Signed(*values))
    return signed
