"""The chain: what a line's hash is made of (I10). `tools/verify_trail.py` reckons the same without this module."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

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
