"""What upkeep gives to the house: 系统状态 on the rail, its own probes, and a word when the copy is late."""

from portal.ground.can import Can
from portal.ground.declare import Demo, NavEntry, Offers, Probe, ReminderRule, SettingSpec
from portal.upkeep import demo
from portal.upkeep.offers import probes, reminders
from portal.upkeep.terms import LATE_HOURS

OFFERS = Offers(
    nav=[NavEntry("综合", "系统状态", "upkeep.index", "server-cog", 850)],
    settings=[
        SettingSpec(
            LATE_HOURS, "备份多久算晚", 26, "小时", "每夜备份一次；超过这么久没有新的就提醒", group="运行维护",
            least=2, most=240, needs=Can.SETTINGS_SYSTEM,
        )
    ],
    probes=[
        Probe("copy", "最近一次备份", "database-export", probes.copy, 10),
        Probe("second", "第二处备份", "server-2", probes.second, 11),
        Probe("keys", "密钥的备份", "key", probes.keys, 12),
        Probe("drill", "还原演练", "refresh", probes.drill, 13),
        Probe("clock", "服务器时钟", "clock", probes.clock, 21),
        Probe("disk", "磁盘", "device-floppy", probes.disk, 30),
        Probe("database", "数据库", "database", probes.database, 31),
        Probe("version", "版本", "info-circle", probes.version, 90),
    ],
    reminders=[
        ReminderRule(
            "upkeep.late", "备份晚了", "太久没有新备份，每天提醒系统管理员，到有了为止", "系统约定：每夜备份",
            reminders.late, still=reminders.still, at_once=True, icon="database-export", needs=Can.UPKEEP_READ,
            settings=(LATE_HOURS,),
        )
    ],
    demos=[Demo(990, "备份：真的做一份，试着还原一次", demo.build)],
)  # fmt: skip
