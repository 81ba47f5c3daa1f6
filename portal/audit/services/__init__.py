"""Services of the trail: writing it (`writing`), proving it (`chain`), and keeping its head apart (`anchors`)."""

from portal.audit.services.anchors import anchor, anchors_file, cut_anchors, last_anchor
from portal.audit.services.chain import compare, export, holds, parse_anchor, verify, verify_in
from portal.audit.services.writing import note_export, record, refuse

__all__ = [
    "anchor", "anchors_file", "compare", "cut_anchors", "export", "holds", "last_anchor", "note_export", "parse_anchor",
    "record", "refuse", "verify", "verify_in",
]  # fmt: skip
