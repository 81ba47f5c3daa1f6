"""Many shops for the bench: the demonstration office, its shops copied until there are enough.

Copies are whole: sealed telephone of their own, words to be found by, a tenure, and a signed pledge where the original
has one. They go in past the session, and the tallies are counted anew.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import Table, insert, select, text

from portal.ground.db import db
from portal.ground.fields.telephones import tail
from portal.ground.sealed import sealer
from portal.merchants.models import Shop, ShopWords, Tenure
from portal.merchants.services.tally import recount
from portal.papers.models import Paper
from portal.pledges.models import Pledge
from portal.pledges.services import tally

CHUNK = 2000
COPIED = (Shop, Tenure, Paper, Pledge)


def grow(shops: int) -> None:
    """Copy the demonstration shops until `shops` stand."""
    originals = _rows(Shop)
    words = {row["shop_id"]: row["text"] for row in _rows(ShopWords)}
    tenures = {row["shop_id"]: row for row in _rows(Tenure) if row["until_on"] is None}
    pledges = {row["tenure_id"]: row for row in _rows(Pledge)}
    papers = {row["id"]: row for row in _rows(Paper)}
    tops = {table: max((row["id"] for row in _rows(table)), default=0) for table in COPIED}
    numbers = _numbers(originals)
    wanted = shops - len(originals)
    copies = islice(_copies(originals, numbers), max(0, wanted))
    while chunk := list(islice(copies, CHUNK)):
        _insert(chunk, words, tenures, pledges, papers, tops)
    recount()
    tally(now=current_app.extensions["clock"].now())
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        for table in COPIED:
            name = table.__tablename__
            db.session.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
        db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _rows(model: type[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(select(model.__table__)).mappings()]


def _numbers(originals: list[dict[str, Any]]) -> dict[str, Iterator[int]]:
    """For each community's prefix the numbers that are free."""
    last: dict[str, int] = {}
    for row in originals:
        prefix, _, number = row["number"].rpartition("-")
        last[prefix] = max(last.get(prefix, 0), int(number))
    return {prefix: iter(range(top + 1, 10_000)) for prefix, top in last.items()}


def _copies(originals: list[dict[str, Any]], numbers: dict[str, Iterator[int]]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield (original, number of the copy) without end, as long as a community has numbers left."""
    while True:
        for row in originals:
            prefix = row["number"].rpartition("-")[0]
            if (number := next(numbers[prefix], None)) is not None:
                yield row, f"{prefix}-{number:04d}"


def _insert(
    chunk: list[tuple[dict[str, Any], str]],
    words: Mapping[int, str],
    tenures: Mapping[int, dict[str, Any]],
    pledges: Mapping[int, dict[str, Any]],
    papers: Mapping[int, dict[str, Any]],
    tops: dict[type[Any], int],
) -> None:
    made: dict[type[Any], list[dict[str, Any]]] = {model: [] for model in (Shop, ShopWords, Tenure, Paper, Pledge)}

    def copy(model: type[Any], row: Mapping[str, Any], **own: Any) -> int:
        tops[model] += 1
        made[model].append({**row, "id": tops[model], **own})
        return tops[model]

    for row, number in chunk:
        shop_id = copy(Shop, row, number=number, **_telephone(tops[Shop] + 1))
        made[ShopWords].append({"shop_id": shop_id, "text": f"{words[row['id']]}{number.lower()}\n"})
        if (tenure := tenures.get(row["id"])) is None:
            continue
        tenure_id = copy(Tenure, tenure, shop_id=shop_id)
        if (pledge := pledges.get(tenure["id"])) is not None:
            mark = uuid4().hex
            paper_id = copy(
                Paper, papers[pledge["paper_id"]], number=mark, check_code=mark[:12], evidence_sha=mark * 2,
                sealed_sha=None, unsealed_sha=None, issued_at=None, subject=f"tenure:{tenure_id}",
            )  # fmt: skip
            copy(
                Pledge, pledge, number=mark, key=mark, tenure_id=tenure_id, shop_id=shop_id, paper_id=paper_id,
                code_id=None, journey_id=None,
            )  # fmt: skip
    for model, rows in made.items():
        if rows:
            table: Table = model.__table__
            db.session.execute(insert(table), rows)


def _telephone(shop_id: int) -> dict[str, str]:
    phone, ref, where = f"139{shop_id:08d}", str(uuid4()), "merchants_shops.phone"
    return {
        "seal_ref": ref,
        "phone_sealed": sealer().seal(phone, where=where, ref=ref),
        "phone_index": sealer().index(phone, where),
        "phone_tail": sealer().index(tail(phone), f"{where}.tail"),
        "landlord_phone_sealed": None,  # type: ignore[dict-item]
    }
