"""What papers give to the house: which column names their files, and whether papers can be made here at all."""

from datetime import datetime, timedelta

from flask import current_app, url_for

from portal.ground.clock import SHANGHAI
from portal.ground.declare import FileNames, GivenNumbers, Offers, Probe, Reading
from portal.papers import queries, services
from portal.web.filters import day

#: A certificate is asked for in good time: whoever issues it takes weeks.
SEAL_SOON = timedelta(days=60)


def _fonts(now: datetime) -> Reading:
    """Each face, and the full ones behind them that rare characters fall back to."""
    faces = queries.faces()
    count, absent = len(faces.files()), faces.absent()
    if absent:
        names = "、".join(absent[:3]) + (" 等" if len(absent) > 3 else "")
        return Reading("late", f"缺 {len(absent)} 个字体文件", names, "文书制不出来：请在服务器上运行 script/setup。")
    return Reading("fine", "宋体、黑体都在", f"{count} 个文件；常用字用小字库，生僻字退到全字库")


def _library(now: datetime) -> Reading:
    if queries.cuts_quickly():
        return Reading("fine", "libharfbuzz-subset 在", "一页不到半秒")
    return Reading("soon", "缺 libharfbuzz-subset", "没有它，一页要 17 秒", "请安装 libharfbuzz-subset0，再重启门户。")


def _seal(now: datetime) -> Reading:
    try:
        until = queries.seal_until().astimezone(SHANGHAI)
    except RuntimeError as missing:
        return Reading("late", "盖不了章", "", f"{missing}。")
    kind = "" if current_app.config["SEAL_PKCS12"] else "演示证书，没有效力"
    if until <= now:
        return Reading("late", f"{day(until)}到期了", kind, "新的文书盖不了章：请申请新证书，设 OFFICE_SEAL_PKCS12。")
    if until - now <= SEAL_SOON:
        return Reading("soon", f"{day(until)}到期", kind, "快到期了：请现在就申请新证书。")
    return Reading("fine", f"有效到{day(until)}", kind)


#: Papers without a file are counted up to so many.
UNMADE_MOST = 1000


def _unmade(now: datetime) -> Reading:
    count = queries.how_many_unmade(most=UNMADE_MOST)
    if count:
        words = f"{count:,} 份以上" if count == UNMADE_MOST else f"{count:,} 份"
        return Reading(
            "soon", f"{words}等着制", "", "每 10 分钟补制一次；老是不少，请看定时任务“补制文书”。",
            url_for("duties.show", name="papers.sweep"),
        )  # fmt: skip
    return Reading("fine", "登记的都制好了")


OFFERS = Offers(
    file_names=[FileNames("文书", queries.named_files)],
    numbers=[GivenNumbers("文书编号", queries.numbers_used, services.pass_over)],
    probes=[
        Probe("papers.fonts", "文书字体", "typography", _fonts, 40),
        Probe("papers.library", "排版库", "file-type-pdf", _library, 41),
        Probe("papers.seal", "电子章", "rosette", _seal, 42),
        Probe("papers.unmade", "文书文件", "file-certificate", _unmade, 43),
    ],
)
