"""The chain: what a line's hash is made of (I10). `tools/verify_trail.py` reckons the same without this module."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from portal.audit.terms import Checked

FIELDS = (
    "seq", "at", "actor_kind", "actor_id", "actor_name", "address", "action", "subject", "result", "details",
    "previous_hash",
)  # fmt: skip


def instant(at: datetime) -> str:
    """Return an instant as the chain writes it: UTC, microseconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> str:
    """Return canonical JSON: sorted keys, no blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def line_hash(line: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of a line: canonical JSON of its fields, the previous hash among them."""
    return hashlib.sha256(canonical([line[name] for name in FIELDS]).encode()).hexdigest()


def check(lines: Iterable[Mapping[str, Any]], *, after: int, previous: str) -> Checked:
    """Check lines in their order against the chain (I10): each number follows, each links to the one before, each
    hash is the line's own.

    `after` and `previous` are number and hash of the line before the first. Stops at the first line that does not
    hold.
    """
    count, seq, last = 0, after, previous
    for line in lines:
        because = _fault(line, seq=seq, previous=last)
        if because:
            return Checked(count, seq, last, broken_at=line["seq"], because=because)
        count, seq, last = count + 1, line["seq"], line["hash"]
    return Checked(count, seq, last)


def _fault(line: Mapping[str, Any], *, seq: int, previous: str) -> str:
    if line["seq"] != seq + 1:
        return f"第 {seq} 行后面应是第 {seq + 1} 行，中间的行不见了"
    if line["previous_hash"] != previous:
        return "没有接在前一行上"
    if line_hash(line) != line["hash"]:
        return "内容和它的摘要对不上，被改动过"
    return ""


def check_head(found: Checked, *, before: tuple[int, str], after: tuple[int, str]) -> Checked:
    """Check the chain's head against lines that were read between two looks at it.

    Other people go on writing meanwhile: the lines must reach the head seen before and not pass the one seen after.
    """
    if not found.whole:
        return found
    if found.seq < before[0] or (found.seq == before[0] and found.hash != before[1]):
        return replace(found, broken_at=found.seq + 1, because=f"链头写着第 {before[0]} 行，末尾的行不见了或被换过")
    if found.seq > after[0] or (found.seq == after[0] and found.hash != after[1]):
        return replace(found, broken_at=after[0] + 1, because=f"链头只到第 {after[0]} 行，后面的行没有登记")
    return found
