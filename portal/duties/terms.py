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
#: A run that has not come to its end.
OPEN_STATES = (RunState.WAITING, RunState.RUNNING, RunState.LOST)
#: How often the clockwork looks what is due, how often it says that it lives, and how often it sees to its lease.
LOOK = timedelta(seconds=20)
BEAT = timedelta(seconds=10)
WATCH = timedelta(seconds=5)
#: The clockwork gives way to the web where both want a processor: a long list is written a little later, pages come as
#: always.
NICE = 5
#: A lease whose counter has not moved for so long is taken over: with a beat, a glance and the start of a process well
#: within the minute that is allowed.
LEASE = timedelta(seconds=35)
#: A run that was cut off so often is given up until its next due time: what kills its process shall not starve others.
CUT_OFF_MOST = 5
#: A run that goes on for longer than this is told on 系统状态.
LONG = timedelta(hours=1)
#: Silence after which every page says so.
SILENT = timedelta(minutes=5)
#: A duty that failed before on the same day is told of again when it went well for so long in between.
TOLD_AGAIN = timedelta(hours=1)
#: A web process asks for the heartbeat so often at most.
ASKED = timedelta(seconds=20)
#: Runs of one duty that its page shows.
PAGE = 50
#: Runs are kept so long; of each duty the newest stays for ever.
KEPT = timedelta(days=400)
#: What a duty's error may take up of its row.
ERROR_MOST = 500
BY_CLOCK = "定时"
BY_COMMAND = "服务器命令"
#: What whoever pressed 立即执行 is told, by whether the clockwork is silent.
ASKED_FOR = {False: "已排队，半分钟内开始执行", True: "已排队，但定时任务停着；按页面上的办法启动以后，马上就办"}
GIVEN_UP = "连着 5 次没办完就断了（进程被中止或服务器死机），这次不再重办，下次到点照常办。请看服务器日志。"


@dataclass(frozen=True)
class Heartbeat:
    """When the clockwork was last heard, None when it never was; `ahead`: it fell silent, and its clock stood
    later than ours does.
    """

    at: datetime | None
    silent: bool
    ahead: bool = False
