"""What reminders give to the house: when people are told, as settings; and what somebody holds who leaves."""

from datetime import time

from portal.ground.declare import Demo, Holding, Offers, SettingSpec
from portal.reminders import demo, queries, services
from portal.reminders.terms import DIGEST_AT, QUIET_FROM, QUIET_UNTIL

_GROUP = "期限与提醒"

OFFERS = Offers(
    settings=[
        SettingSpec(DIGEST_AT, "每天什么时候汇总提醒", time(8, 30), "", "不急的提醒攒到这个时候一起送", "time", _GROUP),
        SettingSpec(QUIET_FROM, "晚上从几点起不打扰", time(21, 0), "", "夜里到时的，第二天早上再送", "time", _GROUP),
        SettingSpec(QUIET_UNTIL, "早上到几点为止不打扰", time(7, 30), "", "和上一项相同就不设静默", "time", _GROUP),
    ],
    holdings=[Holding("reminders", "没办的提醒", "条", queries.unfinished_count, services.hand_over, 10)],
    demos=[Demo(80, "提醒：最近十二天", demo.build)],
)
