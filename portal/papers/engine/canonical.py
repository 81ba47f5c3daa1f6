"""存证文本: evidence as canonical JSON, and its digests.

One form only: keys sorted, no blanks, UTF-8, no NaN. Its SHA-256 is the 摘要 that papers print; SM3 stands beside it.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes


def text(evidence: Mapping[str, Any]) -> str:
    """Return the canonical text; anything that is not plain JSON data is a TypeError or ValueError."""
    return json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def load(told: str) -> dict[str, Any]:
    """Return the evidence of a canonical text."""
    found: dict[str, Any] = json.loads(told)
    return found


def sha256(data: str | bytes) -> str:
    """Return the SHA-256 of text (as UTF-8) or bytes, in hexadecimal."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def sm3(data: str) -> str:
    """Return the SM3 (GB/T 32905) of text as UTF-8, in hexadecimal."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data.encode())
    return digest.finalize().hex()


def grouped(digest: str, size: int = 4) -> str:
    """Return a digest in groups, for paper and screen."""
    return " ".join(digest[i : i + size] for i in range(0, len(digest), size))
