"""Copies of the office: made (`copying`), checked and tried (`checking`), brought back (`restoring`), and what is
swept (`sweeping`). `engines` knows how each database is copied; `shelf` how copies lie in their folder."""

from portal.upkeep.services.checking import drill, note_drill, verify, verify_newest
from portal.upkeep.services.copying import back_up
from portal.upkeep.services.restoring import restore
from portal.upkeep.services.shelf import copies, find, folder, key_folder, newest, second_folder
from portal.upkeep.services.sweeping import sweep_orphans

__all__ = [
    "back_up", "copies", "drill", "find", "folder", "key_folder", "newest", "note_drill", "restore", "second_folder",
    "sweep_orphans", "verify", "verify_newest",
]  # fmt: skip
