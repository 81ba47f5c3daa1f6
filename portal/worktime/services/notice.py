"""The State Council's yearly paper as text → the days of that year. Pure; `Misread` says what could not be read.

Its sentences have been the same for years: 二、春节：2月15日（周日）至23日（周一）放假调休。2月14日上班。 One with 放假
gives days off, one that ends with 上班 gives working days; everything else is advice.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from portal.ground.fields.letters import BLANKS, Misread, half_width
from portal.ground.workdays import Day
from portal.worktime.rules import days_of

TEXT_MOST = 5000
_YEAR = re.compile(r"关于(\d{4})年部分节假日安排")
_PAPER = re.compile(r"国办发(?:明电)?〔\d{4}〕\d+号")
_ITEM = re.compile(r"[一二三四五六七八九]、([\u4e00-\u9fff、]{2,12}?):")
_DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日"
_SPAN = re.compile(rf"{_DAY}(?:至{_DAY})?")


@dataclass(frozen=True)
class Notice:
    """What a paper says: its year, its number ("" where the text has none), every day of the year, and days of another
    year that it moves too (a New Year that begins in December)."""

    year: int
    paper: str
    days: list[Day]
    beyond: list[Day]


def read_notice(text: str) -> Notice:
    """Read the text of a paper. Raises `Misread`."""
    plain = re.sub(f"[{BLANKS}]", "", half_width(text)).replace("：", ":").replace("[", "〔").replace("]", "〕")
    plain = re.sub(r"\([^()]*\)", "", plain)
    found = _YEAR.search(plain)
    if not found:
        raise Misread("没有找到“关于某某年部分节假日安排的通知”，请把通知从标题起全部粘贴")
    year = int(found[1])
    marked = _marked(plain[found.end() :], year)
    if not any(day.year == year and not works for day, (works, _) in marked.items()):
        raise Misread("没有读出放假的日子，请从“一、元旦”起全部粘贴")
    paper = _PAPER.search(plain)
    days = [Day(day, *marked.get(day, (day.weekday() < 5, ""))) for day in days_of(year)]
    beyond = [Day(day, *found) for day, found in sorted(marked.items()) if day.year != year]
    return Notice(year, paper[0] if paper else "", days, beyond)


def _marked(text: str, year: int) -> dict[date, tuple[bool, str]]:
    pieces = _ITEM.split(text)
    marked: dict[date, tuple[bool, str]] = {}
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        feast = name.split("、")[0]
        for sentence in re.split("[。;；]", body):
            works = sentence.endswith("上班")
            if works or "放假" in sentence:
                marked |= dict.fromkeys(_days(sentence.partition("放假")[0], year), (works, feast))
    return marked


def _days(text: str, year: int) -> list[date]:
    days: list[date] = []
    month = 0
    for first_year, first_month, first_day, last_year, last_month, last_day in _SPAN.findall(text):
        month = int(first_month or month)
        start = _date(int(first_year or year), month, int(first_day))
        if not last_day:
            days.append(start)
            continue
        month = int(last_month or month)
        end_year = int(last_year or (year if first_year else start.year))
        end = _date(end_year, month, int(last_day))
        if not timedelta(0) <= end - start < timedelta(days=20):
            raise Misread(f"“{text[:30]}”的起止日期不对")
        days += [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return days


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Misread(f"没有 {year}年{month}月{day}日 这一天，请核对通知的文字") from None
