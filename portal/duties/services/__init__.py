"""Running duties: who may (`lease`), what is due and what came of it (`running`), what people ask for (`asking`)."""

from portal.duties.services.asking import Line, ask, board, failures, set_back, todays
from portal.duties.services.lease import Watch, beat, give_up, lost, take
from portal.duties.services.running import Claim, begin, due, end, lane_of, lanes, past, tidy

__all__ = [
    "Claim",
    "Line",
    "Watch",
    "ask",
    "beat",
    "begin",
    "board",
    "due",
    "end",
    "failures",
    "give_up",
    "lane_of",
    "lanes",
    "lost",
    "past",
    "set_back",
    "take",
    "tidy",
    "todays",
]
