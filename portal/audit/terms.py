"""Words of the trail: results, what a deed and its subject are called, and the states of the chain."""

from dataclasses import dataclass

from portal.ground.labels import Label


class Result(Label):
    """How a deed ended."""

    OK = "ok", "成功"
    REFUSED = "refused", "被拒"
    FAILED = "failed", "失败"


#: What the first line of the chain links to.
GENESIS = "0" * 64

#: Rows on a page of the trail, and lines that one request checks.
PAGE = 50
CHECKED_AT_ONCE = 5_000
#: Rows that one export may hold (rules 6, Authorisation).
EXPORT_MOST = 20_000

#: Deeds by their codes. A deed without a word here shows its code.
ACTIONS: dict[str, str] = {
    "upkeep.drill": "演练还原备份",
    "upkeep.restore": "还原备份",
    "upkeep.sweep": "清无主文件",
    "accounts.login": "登录",
    "accounts.logout": "退出",
    "accounts.switch": "切换用户",
    "accounts.sessions_out": "全部下线",
    "accounts.password": "改密码",
    "accounts.reset_password": "重置密码",
    "accounts.add": "建账号",
    "accounts.edit": "修改人员资料",
    "accounts.propose": "提请授予角色",
    "accounts.decline": "没有授予角色",
    "accounts.withdraw": "撤回提请的角色",
    "accounts.upload": "上传人员表",
    "accounts.discard": "放弃导入人员",
    "accounts.import": "导入人员",
    "accounts.export": "导出人员名单",
    "accounts.lock": "锁定账号",
    "accounts.unlock": "解锁账号",
    "accounts.leave": "停用账号（离岗）",
    "accounts.give_role": "授予角色",
    "accounts.end_role": "收回角色",
    "accounts.grant_authority": "授权甲方确认",
    "accounts.revoke_authority": "收回甲方确认",
    "areas.plant": "建街道",
    "areas.load": "导入社区网格",
    "areas.add": "新增社区网格",
    "areas.edit": "修改社区网格",
    "areas.close": "撤销社区网格",
    "areas.reopen": "恢复社区网格",
    "areas.upload": "上传社区网格表",
    "areas.discard": "放弃导入社区网格",
    "areas.import": "导入社区网格表",
    "areas.export": "导出社区网格",
    "audit.export": "导出留痕",
    "duties.ask": "立即执行定时任务",
    "duties.fail": "定时任务出错",
    "kiosk.call": "自助机叫工作人员",
    "kiosk.answer": "应自助机的叫",
    "kiosk.attend": "点名守自助机",
    "kiosk.dismiss": "不再守自助机",
    "kiosk.hand_over": "交接守着的自助机",
    "kiosk.code_issue": "发一次性码",
    "kiosk.code_use": "用一次性码",
    "kiosk.device_add": "登记自助机",
    "kiosk.device_edit": "改自助机",
    "kiosk.device_enrol": "接入自助机",
    "kiosk.device_retire": "停用自助机",
    "kiosk.enrolment_issue": "开自助机接入码",
    "kiosk.journey_start": "自助机开始办理",
    "kiosk.journey_end": "自助机结束办理",
    "merchants.create": "新增商户",
    "merchants.edit": "修改商户",
    "merchants.state": "改营业状态",
    "merchants.operator": "更换经营者",
    "merchants.correct": "更正经营者",
    "merchants.photo": "换门头照",
    "merchants.attach": "添加附件",
    "merchants.detach": "移除附件",
    "merchants.open": "打开附件",
    "merchants.upload": "上传商户底册",
    "merchants.discard": "放弃导入",
    "merchants.import": "导入商户底册",
    "merchants.export": "导出商户名单",
    "merchants.print": "打印商户档案",
    "merchants.labels": "打印店铺标签",
    "merchants.reveal": "查看完整电话",
    "papers.register": "登记文书",
    "papers.issue": "制作文书",
    "papers.open": "打开文书",
    "papers.stand": "改文书效力",
    "places.create": "登记路段",
    "places.edit": "修改路段",
    "places.close": "撤销路段",
    "places.reopen": "恢复路段",
    "places.assign": "定路段责任人",
    "places.release": "解除路段责任人",
    "places.allot": "按网格落实路段责任人",
    "places.hand_over": "交接路段",
    "places.upload": "上传路段表",
    "places.discard": "放弃导入路段",
    "places.import": "导入路段表",
    "places.export": "导出路段",
    "places.print": "打印责任人公示表",
    "pledges.code": "发签约码（甲方确认）",
    "pledges.sign": "签订责任书",
    "pledges.blank": "打印待签的纸质责任书",
    "pledges.enter": "录入纸质责任书",
    "pledges.confirm": "甲方确认纸质责任书",
    "pledges.end": "责任书到此为止",
    "pledges.void_ask": "申请作废责任书",
    "pledges.void_answer": "审定作废责任书",
    "pledges.export": "导出责任书名单",
    "pledges.template": "编写责任书文本",
    "reminders.acknowledge": "已知悉提醒",
    "reminders.snooze": "稍后再提醒",
    "reminders.put_back": "放回提醒箱",
    "reminders.give": "转交提醒",
    "reminders.hand_over": "移交未办的提醒",
    "reminders.choose": "选哪些提醒发邮件",
    "reminders.mail_again": "再发一次提醒邮件",
    "reminders.mail_close": "提醒邮件已处理",
    "settings.set": "改设置",
    "settings.withdraw": "撤回未生效的设置",
    "settings.export": "导出系统设置",
    "settings.print": "打印系统设置",
    "worktime.publish": "发布工作日历",
    "worktime.upload": "上传工作日历表",
    "worktime.discard": "放弃导入工作日历",
    "worktime.import": "导入工作日历",
    "worktime.print": "打印工作日历",
    "worktime.move": "日历变了，期限跟着变",
    "web.refuse": "无权操作",
}

#: Subjects by their kind: `person:17` is 人员 17.
SUBJECTS: dict[str, str] = {
    "copy": "备份",
    "files": "文件",
    "account": "没有的账号",
    "area": "区域",
    "area_sheet": "社区网格表",
    "areas": "社区网格",
    "call": "自助机叫人",
    "calendar": "工作日历",
    "calendar_sheet": "日历表",
    "device": "自助机",
    "door": "页面",
    "duty": "定时任务",
    "mail": "提醒邮件",
    "mails": "提醒邮件",
    "paper": "文书",
    "people": "人员名单",
    "people_sheet": "人员表",
    "person": "人员",
    "pledge": "责任书",
    "pledges": "责任书名单",
    "reminder": "提醒",
    "setting": "设置",
    "settings": "系统设置",
    "sheet": "底册",
    "shop": "商户",
    "shops": "商户名单",
    "street": "路段",
    "street_sheet": "路段表",
    "streets": "路段名单",
    "template": "责任书文本",
    "tenure": "经营任期",
    "trail": "留痕",
}

#: What the details hold, by their keys. A key without a word here shows itself.
DETAILS: dict[str, str] = {
    "aside": "原来的数据库",
    "holds": "完好",
    "line": "还原到第几行",
    "lost": "少了几行留痕",
    "passed": "跳过的文书编号",
    "added": "新增",
    "after": "改后",
    "agreed": "同意",
    "area": "区域",
    "authority": "授权编号",
    "base": "依据文本",
    "basis": "依据",
    "because": "原因",
    "before": "改前",
    "by_name": "按姓名筛选",
    "changed": "修改",
    "code": "编号",
    "count": "条数",
    "counts": "各项条数",
    "digest": "摘要",
    "edition": "第几版",
    "effective_from": "启用日",
    "ended": "结束的任期",
    "evidence": "存证摘要",
    "fields": "字段",
    "file": "文件摘要",
    "filters": "筛选条件",
    "format": "格式",
    "from_on": "开始日",
    "issued_by": "发码人",
    "journey": "办理编号",
    "keeper": "责任人",
    "kind": "种类",
    "left": "留下",
    "login": "账号",
    "number": "编号",
    "of": "对象",
    "on": "日期",
    "opened": "开始的任期",
    "plan": "方案",
    "proof": "核对凭据",
    "reason": "事由",
    "replaces": "替换",
    "role": "角色",
    "rows": "行数",
    "searched": "按搜索筛选",
    "setting": "设置项",
    "sha": "文件摘要",
    "signer": "签字人",
    "size": "大小",
    "skipped": "跳过",
    "source": "依据文件",
    "state": "状态",
    "taker": "接手人",
    "takers": "接手人",
    "tenure": "任期",
    "until": "到什么时候",
    "until_on": "截止日",
    "version": "版本",
    "was": "原先",
    "witness": "见证人",
    "workdays": "上班天数",
    "run": "第几次执行",
}

#: Who acts, where it is no person with an account.
ACTORS: dict[str, str] = {"person": "人员", "device": "自助机", "system": "系统", "visitor": "未登录"}


@dataclass(frozen=True)
class TrailFilter:
    """What the trail is narrowed to; empty conditions narrow nothing. Days in Asia/Shanghai, `until` included."""

    person: str = ""
    action: str = ""
    subject: str = ""
    result: str = ""
    since: str = ""
    until: str = ""

    def conditions(self) -> dict[str, str]:
        """Return the conditions that are set, by their names."""
        return {name: text for name, text in vars(self).items() if text}


@dataclass(frozen=True)
class Checked:
    """What a check of the chain found: lines that hold, the last of them, and the first that does not."""

    count: int
    seq: int
    hash: str
    broken_at: int | None = None
    because: str = ""

    @property
    def whole(self) -> bool:
        """Whether every line that was looked at holds."""
        return self.broken_at is None


def action_word(code: str) -> str:
    """Return what a deed is called."""
    return ACTIONS.get(code, code)


def subject_word(subject: str) -> str:
    """Return what a subject is called: `person:17` → 人员 17."""
    kind, _, number = subject.partition(":")
    return f"{SUBJECTS.get(kind, kind)} {number}".strip()


def subject_code(words: str) -> str:
    """Return the subject that somebody typed: 人员 17 or 人员17 → `person:17`; a code stays as it is."""
    plain = words.strip()
    for kind, word in sorted(SUBJECTS.items(), key=lambda pair: -len(pair[1])):
        if plain.startswith(word):
            number = plain.removeprefix(word).strip()
            return f"{kind}:{number}" if number else f"{kind}"
    return plain


def result_lamp(result: Result) -> tuple[str, str]:
    """Return the lamp and the icon that a result is shown with."""
    return {
        Result.OK: ("fine", "check"),
        Result.REFUSED: ("firm", "hand-stop"),
        Result.FAILED: ("late", "alert-circle"),
    }[result]
