"""Words and numbers of the kiosk: kinds of devices, how codes and journeys end, how long everything lasts."""

from dataclasses import dataclass
from datetime import timedelta

from portal.ground.labels import Label

#: The six steps, always visible (rules 1, Kiosk signing).
STEPS = ("签约码", "核对", "看条款", "谁来签", "签名", "取证书")
CODE, CHECK, READ, WHO, SIGN, DONE = range(1, 7)

CODE_DIGITS = 6
ENROLMENT_DIGITS = 8
#: [P] settings: how long a code and an enrolment are good (rules 1, Kiosk signing).
CODE_MINUTES = "kiosk.code_minutes"
ENROLMENT_MINUTES = "kiosk.enrolment_minutes"
#: … when a journey that nobody touches is over (rules 6, Session), after which drafts go (rules 6, retention);
SILENCE_MINUTES = "kiosk.silence_minutes"
DRAFT_HOURS = "kiosk.draft_hours"
#: … and how long the page waits before it asks, before it wipes itself, and after signing, in seconds. Asking and
#: wiping together stay below the silence, whatever the settings say: their bounds see to it.
IDLE_SECONDS = "kiosk.idle_seconds"
WARN_SECONDS = "kiosk.warn_seconds"
DONE_SECONDS = "kiosk.done_seconds"

#: Wrong codes within `TRY_WINDOW`: so many on one device (or from one address), so many on all of them.
TRY_WINDOW = timedelta(minutes=15)
TRIES = {"code": (5, 40), "enrolment": (5, 40), "check": (30, 200)}


class DeviceKind(Label):
    """What an enrolled device is; the pledge's way of signing follows from it."""

    HALL = "hall", "大厅自助机"
    COUNTER = "counter", "窗口手写板"
    VISIT = "visit", "入户平板"


class CodeState(Label):
    """How a code stands; the label is what the person at the kiosk reads."""

    LIVE = "live", "签约码有效"
    UNKNOWN = "unknown", "签约码不对，请再看一遍"
    EXPIRED = "expired", "签约码过了有效时间，请工作人员重发"
    USED = "used", "签约码已经用过，请工作人员重发"
    CANCELLED = "cancelled", "签约码已换新，请用最新的一个"


class Outcome(Label):
    """How a journey ended."""

    SIGNED = "signed", "已签订"
    LEFT = "left", "中途结束"
    SILENT = "silent", "无人操作"
    REPLACED = "replaced", "另起一次"


class CallState(Label):
    """What a machine says of 叫工作人员."""

    NONE = "none", "请找工作人员"
    CALLED = "called", "已叫工作人员，请稍等"
    COMING = "coming", "工作人员马上到"
    OFTEN = "often", "刚叫过好几次，请直接过去找"


#: So many calls from one machine within `TRY_WINDOW`; a call is answered, or over after so long [P]; for so long the
#: machine says that somebody is coming.
CALLS_MOST = 6
CALL_MINUTES = "kiosk.call_minutes"
COMING = timedelta(minutes=10)


@dataclass(frozen=True)
class Throttled:
    """Too many wrong codes: how long to wait."""

    wait: timedelta

    @property
    def minutes(self) -> int:
        """Whole minutes to wait, at least one."""
        return max(1, -(-int(self.wait.total_seconds()) // 60))
