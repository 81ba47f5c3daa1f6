"""Services of the trail: writing it (`writing`), proving it (`chain`), and keeping its head apart (`anchors`)."""

from portal.audit.services.anchors import anchor, anchors_file
from portal.audit.services.chain import compare, export, holds, parse_anchor, verify
from portal.audit.services.writing import note_export, record, refuse

__all__ = [
    "anchor", "anchors_file", "compare", "export", "holds", "note_export", "parse_anchor", "record", "refuse", "verify",
]  # fmt: skip
