"""Writing shops: one verb each; nothing here commits. Every verb writes one line of the trail."""

from portal.merchants.services.photos import attach, detach, set_photo
from portal.merchants.services.shops import change_state, create, edit, reveal
from portal.merchants.services.tally import recount
from portal.merchants.services.tenures import change_operator, correct_operator

__all__ = [
    "attach", "change_operator", "change_state", "correct_operator", "create", "detach", "edit", "recount", "reveal",
    "set_photo",
]  # fmt: skip
