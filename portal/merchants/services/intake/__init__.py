"""A sheet of shops read against the files: columns, places, the plan of what it would do. Nothing is written here."""

from portal.merchants.services.intake.columns import columns, template_columns
from portal.merchants.services.intake.plan import Answers, Entry, Preview, side_by_side
from portal.merchants.services.intake.preview import open_sheet, preview, read_names, weigh

__all__ = [
    "Answers",
    "Entry",
    "Preview",
    "columns",
    "open_sheet",
    "preview",
    "read_names",
    "side_by_side",
    "template_columns",
    "weigh",
]
