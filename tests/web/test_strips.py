"""The strip of days: every day once and in its place, arcs over what is left out, nothing outside the drawing."""

import re
from datetime import date, datetime

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.clock import SHANGHAI
from portal.ground.workdays import Deadline, Ends, complicated, county, general, in_minutes, in_workdays
from portal.web.strips import Strip, brief, day_strips, strip_rows
from tests.worktime.almanac import almanac, days_of

ENDS = Ends()
STARTS = st.sampled_from(days_of(2026))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


def drawn(deadline: Deadline) -> tuple[Strip, Strip]:
    wide, narrow = day_strips(deadline)
    return wide, narrow


def test_the_picture() -> None:
    """design/png/pictures.png, 为什么是 10月12日."""
    deadline = general(at(date(2026, 9, 24)), almanac(), ENDS)
    fifteen = complicated(at(date(2026, 9, 24)), almanac(), ENDS).beside
    wide, narrow = day_strips(deadline, beside=fifteen, beside_words="如果是复杂事项")
    assert [box.kind for box in wide.boxes].count("off") == 11
    assert [box.mark for box in wide.boxes if box.mark] == ["0", "1", "2", "3", "4", "5", "6", "7"]
    assert (wide.boxes[0].note, wide.boxes[16].note, wide.boxes[-1].kind) == ("交办", "补班", "due")
    assert wide.boxes[0].below == ("9月24日", "周四")
    assert wide.boxes[7].below == ("10月1日", "周四")
    said = {words.text for words in wide.words}
    assert {"跳过 3 天", "跳过 7 天", "18:00 前办结", "如果是复杂事项", "早一些，以晚的为准"} <= said
    assert len(wide.spans) == 1
    assert len(wide.arcs) == 7
    assert not narrow.spans, "a count below has no room where days wrap"
    assert {round(box.y) for box in narrow.boxes} == {62, 242}
    assert "跳过 7 天" in {words.text for words in narrow.words}


def test_a_count_of_all_days_that_rolls() -> None:
    wide, _narrow = drawn(county(at(date(2026, 9, 30)), almanac(), ENDS))
    assert [box.mark for box in wide.boxes] == ["0", "1", "", "", "", "", "", "", "到"]
    assert "顺延 7 天" in {words.text for words in wide.words}
    assert len(wide.arcs) == 1
    flat, _ = drawn(county(at(date(2026, 11, 25)), almanac(), ENDS))
    assert not flat.arcs


def test_days_that_are_only_foreseen_are_marked() -> None:
    wide, _narrow = drawn(in_workdays(at(date(2026, 12, 30)), 3, almanac().foreseen, ENDS))
    assert [box.provisional for box in wide.boxes] == [False, False, True, True, True, True, True]
    assert wide.boxes[-1].below == ("5", "周二", "暂估")


def test_minutes_have_no_strip() -> None:
    assert day_strips(in_minutes(at(date(2026, 11, 25)), 30, 1)) == []


def test_midnight_is_called_24() -> None:
    wide, _narrow = drawn(in_workdays(at(date(2026, 11, 25)), 1, almanac(), Ends(None)))
    assert "24:00 前办结" in {words.text for words in wide.words}


@given(start=STARTS, days=st.integers(1, 45), working=st.booleans())
def test_everything_stands_within_the_drawing(start: date, days: int, working: bool) -> None:
    calendar = almanac().foreseen
    make = in_workdays if working else lambda *a: complicated(a[0], a[2], a[3], days=a[1], least=0)
    deadline = make(at(start), days, calendar, ENDS)
    for strip in day_strips(deadline):
        assert len(strip.boxes) == (deadline.due_on - start).days + 1
        assert len({(box.x, box.y) for box in strip.boxes}) == len(strip.boxes), "no box on another"
        for box in strip.boxes:
            assert box.x >= 0 and box.x + box.width <= strip.width + 0.5
            assert box.y >= 0 and box.y + 64 + 17 * len(box.below) <= strip.height
            assert box.width >= 45, "letters of 12 px have room"
        for arc in strip.arcs:
            for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", arc.line):
                assert -0.5 <= float(x) <= strip.width + 0.5
                assert 0 <= float(y) <= strip.height
        for words in strip.words:
            assert 0 <= words.x <= strip.width + 0.5
            assert 8 <= words.y <= strip.height


@given(start=STARTS, days=st.integers(1, 30))
def test_the_table_behind_says_the_same(start: date, days: int) -> None:
    deadline = in_workdays(at(start), days, almanac().foreseen, ENDS)
    rows = list(strip_rows(deadline.track))
    assert [which for _on, _weekday, which, _why, _guess in rows if which.isdigit()] == [
        str(n) for n in range(1, days + 1)
    ]
    assert (rows[0][2], rows[-1][0]) == ("当天", deadline.due_on)


@pytest.mark.parametrize(("name", "said"), [("国庆节", "国庆"), ("春节", "春节"), ("停电检修", "停电检"), ("", "假")])
def test_a_feast_in_a_box(name: str, said: str) -> None:
    day = almanac().day(date(2026, 11, 25))._replace(works=False, name=name)
    assert brief(day) == said


def test_the_macro_draws_titles_and_a_table(site: Flask) -> None:
    deadline = general(at(date(2026, 9, 24)), almanac(), ENDS)
    source = '{% from "kit/strip.html" import strip, strip_table %}{{ strip(deadline) }}{{ strip_table(deadline) }}'
    with site.test_request_context():
        page = render_template_string(source, deadline=deadline)
    assert page.count("<svg") == 2
    assert page.count("<title id=") == 2
    assert "为什么是 10月12日" in page
    assert 'role="img" aria-labelledby="strip-wide-title strip-wide-desc"' in page
    assert len(set(re.findall(r'id="([^"]+)"', page))) == len(re.findall(r'id="([^"]+)"', page)), "ids stand once"
    assert "<summary>看成表格</summary>" in page
    assert page.count("<tr>") == 20
    assert "style=" not in page
