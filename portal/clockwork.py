"""The one table of scheduled duties, for all rooms on one screen; `flask clockwork` drives it (house.md section 4).

`cron` is in five fields, Asia/Shanghai, days of the week by name. What was missed is done once, late; never twice.
"""

from portal.accounts import jobs as accounts
from portal.areas import jobs as areas
from portal.audit import jobs as audit
from portal.duties import jobs as duties
from portal.ground.declare import Duty
from portal.kiosk import jobs as kiosk
from portal.merchants import jobs as merchants
from portal.papers import jobs as papers
from portal.places import jobs as places
from portal.pledges import jobs as pledges
from portal.reminders import jobs as reminders
from portal.upkeep import jobs as upkeep
from portal.worktime import jobs as worktime

DUTIES: tuple[Duty, ...] = (
    Duty("reminders.tick", "送提醒", "* * * * *", reminders.tick, "到时的提醒写进各人的提醒箱；停过的，补上并注明"),
    Duty(
        "reminders.mail", "发提醒邮件", "* * * * *", reminders.mail, "街道设了邮件服务器的，把新提醒的条数发到各人邮箱"
    ),
    Duty("kiosk.purge", "自助机清场", "*/5 * * * *", kiosk.purge, "没人操作的办理收场，过了一天的草稿清掉"),
    Duty("papers.sweep", "补制文书", "*/10 * * * *", papers.sweep, "断电、死机时没制成的责任书文件，补制盖章"),
    Duty(
        "merchants.sheets", "清商户导入表", "15 * * * *", merchants.sweep_sheets, "上传后一天没办完的商户表，连内容清掉"
    ),
    Duty(
        "accounts.sheets", "清人员导入表", "20 * * * *", accounts.sweep_sheets, "上传后一天没办完的人员表，连内容清掉"
    ),
    Duty(
        "areas.sheets", "清社区网格导入表", "25 * * * *", areas.sweep_sheets, "上传后一天没办完的社区网格表，连内容清掉"
    ),
    Duty("places.sheets", "清路段导入表", "35 * * * *", places.sweep_sheets, "上传后一天没办完的路段表，连内容清掉"),
    Duty(
        "pledges.settle", "记解除", "*/10 * * * *", pledges.settle, "换了经营者的店，原来的责任书记为已解除，写明时间"
    ),
    Duty("audit.anchor", "留痕封存", "5 0 * * *", audit.anchor, "每天记下留痕链的末端，日后能证明没有改过"),
    Duty("accounts.forget", "清登录记录", "10 3 * * *", accounts.forget, "过期的登录记录、失败次数和会话，到期清掉"),
    Duty(
        "worktime.sheets", "清日历导入表", "25 * * * *", worktime.sweep_sheets, "上传后一天没办完的日历表，连内容清掉"
    ),
    Duty("worktime.keep", "补工作日历", "30 0 * * *", worktime.keep, "补上已公布的年份；没公布的先暂估"),
    Duty("reminders.purge", "清旧提醒", "50 3 * * *", reminders.purge, "办完一年多的提醒清掉，没办的一直留着"),
    Duty("upkeep.backup", "每夜备份", "30 2 * * *", upkeep.back_up, "数据库和文件做一份备份，当场核对，两处各存一份"),
    Duty("upkeep.verify", "核对备份", "30 4 * * sun", upkeep.verify, "把每一份备份从头到尾核对一遍，两处都核对"),
    Duty(
        "upkeep.drill",
        "演练还原",
        "0 5 1 * *",
        upkeep.drill,
        "把最新的备份试着还原一次，数行数、验留痕、开一条封存的数据",
    ),
    Duty("upkeep.sweep", "清无主文件", "0 4 * * *", upkeep.sweep, "存了一天、没有哪条记录要用的文件，清掉"),
    Duty(
        "pledges.tally", "数签约进度", "*/10 * * * *", pledges.tally, "商户多的时候，工作台用这里数好的数，注明几点的"
    ),
    Duty(
        "pledges.forget", "清没签成的姓名", "45 * * * *", pledges.forget, "发了签约码没签成的，过了一天清掉签名人姓名"
    ),
    Duty("duties.tidy", "清执行记录", "40 3 * * *", duties.tidy, "没办事的执行记录留一周，其余留一年多"),
)
