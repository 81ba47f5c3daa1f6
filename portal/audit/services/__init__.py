"""Services of the trail: writing it (`writing`), and proving it (`chain`)."""

from portal.audit.services.chain import compare, export, holds, parse_anchor, verify
from portal.audit.services.writing import note_export, record, refuse

__all__ = ["compare", "export", "holds", "note_export", "parse_anchor", "record", "refuse", "verify"]
