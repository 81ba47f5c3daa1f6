"""Words of scheduled duties: states of a run, and how long silence may last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.ground.labels import Label


class RunState(Label):
    """Where a run stands. A lost one was cut off with its process, and is taken up again."""

    WAITING = "waiting", "等着执行"
    RUNNING = "running", "正在执行"
    DONE = "done", "办完"
    FAILED = "failed", "出错"
    LOST = "lost", "中断"


LAMPS: dict[RunState, tuple[str, str]] = {
    RunState.WAITING: ("held", "hourglass"),
    RunState.RUNNING: ("held", "player-play"),
    RunState.DONE: ("fine", "check"),
    RunState.FAILED: ("late", "alert-circle"),
    RunState.LOST: ("soon", "refresh"),
}
#: How often the clockwork looks what is due, and how often it says that it lives.
LOOK = timedelta(seconds=20)
BEAT = timedelta(seconds=10)
#: A lease whose counter has not moved for so long is taken over: well within the minute that is allowed.
LEASE = timedelta(seconds=40)
#: Silence after which every page says so.
SILENT = timedelta(minutes=5)
#: A web process asks for the heartbeat so often at most.
ASKED = timedelta(seconds=20)
#: Runs of one duty that its page shows.
PAGE = 50
#: Runs are kept so long; of each duty the newest stays for ever.
KEPT = timedelta(days=400)
#: What a duty's error may take up of its row.
ERROR_MOST = 500
BY_CLOCK = "定时"


@dataclass(frozen=True)
class Heartbeat:
    """When the clockwork was last heard, None when it never was; `ahead`: its clock stood later than ours does."""

    at: datetime | None
    silent: bool
    ahead: bool = False
