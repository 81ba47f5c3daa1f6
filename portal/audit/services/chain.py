"""Proving the chain: a whole one or a stretch of it, and the export that `tools/verify_trail.py` reads (I10).

Lines are streamed; a long trail never stands in memory.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from portal.audit import queries, rules
from portal.audit.models import TrailLine
from portal.audit.terms import GENESIS, Checked, Result

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def facts(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored line as the chain hashes it."""
    result: Result = line["result"]
    return {**line, "at": rules.instant(line["at"]), "result": result.value}


def verify(*, after: int = 0, limit: int | None = None, anchors: Sequence[tuple[int, str]] = ()) -> Checked:
    """Check the chain from the line behind `after`, at most `limit` lines; whoever reaches the end meets the head.

    `anchors` are numbers and hashes that were printed or kept elsewhere: they find what was rewritten as a whole.
    """
    head = queries.head()
    previous = queries.hash_of(after)
    if previous is None:
        return Checked(0, after, "", broken_at=after, because=f"第 {after} 行不见了")
    found = rules.check(map(facts, queries.stream(after=after, limit=limit)), after=after, previous=previous)
    if found.whole and (limit is None or found.count < limit):
        found = rules.check_head(found, before=head, after=queries.head())
    for seq, digest in anchors:
        if found.whole and queries.hash_of(seq) != digest:
            found = replace(found, broken_at=seq, because=f"第 {seq} 行和以前记下的链头对不上")
    return found


def verify_in(connection: Connection) -> Checked:
    """Check the whole chain of another database of ours, such as a copy that was brought back on trial."""
    head = queries.head(on=connection)
    found = rules.check(map(facts, queries.stream(on=connection)), after=0, previous=GENESIS)
    return rules.check_head(found, before=head, after=head)


def parse_anchor(text: str) -> tuple[int, str] | None:
    """Return number and hash of `seq:hash`, None when it is no such thing."""
    match = _ANCHOR.fullmatch(text.strip().lower())
    return (int(match[1]), match[2]) if match else None


def compare(printed: str) -> tuple[bool, str]:
    """Compare a head that was printed or kept elsewhere: whether the trail still holds it, and a sentence."""
    anchor = parse_anchor(printed.replace("：", ":").replace(" ", ""))
    if anchor is None:
        return False, "请照印的写：行号、冒号，再加 64 位的摘要。"
    stored = queries.hash_of(anchor[0])
    if stored is None:
        return False, f"第 {anchor[0]} 行不在了。"
    if stored != anchor[1]:
        return False, f"第 {anchor[0]} 行和印的对不上：这一行或它前面的留痕被整个换过。"
    return True, f"第 {anchor[0]} 行和印的一样。"


def export(*, after: int = 0) -> Iterator[str]:
    """Yield the trail as JSON lines: what it follows, the lines, and the head that was reached."""
    seq, digest = after, queries.hash_of(after) or GENESIS
    yield _json({"trail": 1, "after": seq, "previous_hash": digest})
    for line in queries.stream(after=after):
        seq, digest = line["seq"], line["hash"]
        yield _json(facts(line))
    yield _json({"head": {"seq": seq, "hash": digest}})


def holds(line: TrailLine) -> bool:
    """Tell whether one line holds by itself and links to the one before."""
    row = {name: getattr(line, name) for name in (*rules.FIELDS, "hash")}
    previous = queries.hash_of(line.seq - 1)
    return previous is not None and rules.check([facts(row)], after=line.seq - 1, previous=previous).whole


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
