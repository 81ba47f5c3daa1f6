"""Copies of the office: made (`copying`), checked (`checking`), tried (`drilling`), brought back (`restoring`), and
what is swept (`sweeping`). `shelf` knows how copies lie in their folder, `keys` how keys lie apart, `engines` how each
database is copied (`sqlite`, `postgres`), `counting` what stands in it, `trouble` what disks say."""

from portal.upkeep.services.checking import engine_words, verify, verify_all
from portal.upkeep.services.copying import back_up, retention
from portal.upkeep.services.drilling import drill, drill_newest, insist, note_drill
from portal.upkeep.services.keys import fault as key_fault
from portal.upkeep.services.keys import folder as key_folder
from portal.upkeep.services.keys import ids as key_ids
from portal.upkeep.services.keys import make as make_secrets
from portal.upkeep.services.restoring import at_rest, files_aside, note_restore, restore, stands
from portal.upkeep.services.shelf import copies, find, folder, gone, newest, second_folder, unreadable
from portal.upkeep.services.sweeping import sweep_orphans

__all__ = [
    "at_rest", "back_up", "copies", "drill", "drill_newest", "engine_words", "files_aside", "find", "folder", "gone",
    "insist", "key_fault", "key_folder", "key_ids", "make_secrets", "newest", "note_drill", "note_restore", "restore",
    "retention", "second_folder", "stands", "sweep_orphans", "unreadable", "verify", "verify_all",
]  # fmt: skip
