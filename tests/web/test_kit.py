"""The kit's macros: what they promise to the eye, the keyboard and readers of screens."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Optional

from portal.ground.clock import SHANGHAI
from portal.ground.declare import TimelineLine
from portal.ground.paging import Page
from portal.web.forms import Form

Draw = Callable[..., str]


def digit(_form: Form, _field: StringField) -> None:
    raise ValidationError("第 18 位校验不符，应为 X")


class Shop(Form):
    class Meta(Form.Meta):
        csrf = False

    name = StringField("店名", [InputRequired("店名不能空")])
    code = StringField("信用代码", [Optional(), digit])
    grid = SelectField("网格", choices={"1": "一网格"})
    present = RadioField("在场", choices={"yes": "在场", "no": "委托"})


@pytest.fixture
def draw(site: Flask) -> Iterator[Draw]:
    """Render a piece of template at an address of the shop list."""

    def render(source: str, address: str = "/merchants/?q=jxlzc&grid=1&grid=2&page=3", **context: object) -> str:
        with site.test_request_context(address):
            return render_template_string(source, **context)

    yield render


def refused(site: Flask, **typed: str) -> Shop:
    with site.test_request_context("/", method="POST"):
        form = Shop(formdata=MultiDict(typed))
        form.validate()
    return form


def test_what_was_typed_stays_and_the_error_is_told_to_the_field(site: Flask, draw: Draw) -> None:
    form = refused(site, name="建新路早餐店", code="92511623MA60002B11", grid="1", present="yes")
    html = draw('{% from "kit/form.html" import field %}{{ field(form.code, "照营业执照填") }}', form=form)
    assert 'value="92511623MA60002B11"' in html
    assert 'aria-invalid="true"' in html and 'aria-describedby="code-hint code-error"' in html
    assert 'id="code-error">第 18 位校验不符，应为 X。<' in html
    assert "选填" in html


def test_the_summary_counts_and_leads_to_each_field(site: Flask, draw: Draw) -> None:
    form = refused(site, code="9", grid="1", present="yes")
    html = draw('{% from "kit/form.html" import error_summary %}{{ error_summary(form) }}', form=form)
    assert "请改 2 处" in html and "autofocus" in html and 'role="alert"' in html
    assert re.findall(r'href="#(\w+)"', html) == ["name", "code"]


def test_a_lone_sentence_of_the_form_is_told_without_a_list(site: Flask, draw: Draw) -> None:
    form = refused(site, name="店", grid="1", present="yes")
    assert not form.errors
    form.form_errors.append("他人已先修改，请刷新")
    html = draw('{% from "kit/form.html" import error_summary %}{{ error_summary(form) }}', form=form)
    assert "他人已先修改" in html and "<li>" not in html and "没有存上" not in html


def test_choices_are_a_group_with_a_legend(site: Flask, draw: Draw) -> None:
    form = refused(site, name="店", grid="1")
    html = draw('{% from "kit/form.html" import field %}{{ field(form.present) }}', form=form)
    assert "<legend" in html and html.count('type="radio"') == 2 and 'aria-describedby="present-error"' in html


def test_an_address_changes_one_thing_and_keeps_the_rest(draw: Draw) -> None:
    source = '{% from "kit/pager.html" import here %}{{ here(page=4) }} {{ here(grid=none, page=none) }}'
    assert draw(source).split() == [
        "/merchants/?q=jxlzc&amp;grid=1&amp;grid=2&amp;page=4", "/merchants/?q=jxlzc",
    ]  # fmt: skip


def test_an_address_cannot_bring_markup(draw: Draw) -> None:
    html = draw(
        '{% from "kit/pager.html" import here %}<a href="{{ here(page=2) }}">', "/merchants/?q=%22%3E%3Cscript%3E"
    )
    assert "<script" not in html and html.count('"') == 2


@pytest.mark.parametrize(
    ("number", "total", "previous", "following", "sizes"),
    [(1, 3, False, False, False), (1, 120, False, True, True), (2, 120, True, True, True), (3, 120, True, False, True)],
)
def test_the_pager_ends_where_the_list_ends(
    draw: Draw, number: int, total: int, previous: bool, following: bool, sizes: bool
) -> None:
    page: Page[int] = Page([], number, 50, total)
    html = draw('{% from "kit/pager.html" import pager %}{{ pager(page) }}', page=page)
    assert ('rel="prev"' in html, 'rel="next"' in html, "<select" in html) == (previous, following, sizes)
    assert f"共 {total} 家" in html


def test_the_timeline_tells_the_year_where_it_changes(draw: Draw) -> None:
    def at(year: int, month: int) -> TimelineLine:
        return TimelineLine(datetime(year, month, 3, 10, 24, tzinfo=SHANGHAI), f"{year}年的事", date_only=month == 6)

    lines = [at(2026, 11), at(2026, 6), at(2025, 6)]
    html = draw('{% from "kit/timeline.html" import timeline %}{{ timeline(lines) }}', lines=lines)
    assert html.count("2026年<br>") == 1 and html.count("2025年<br>") == 1
    assert html.count("10:24</span>") == 1 and 'datetime="2025-06-03"' in html


def test_state_is_icon_word_and_colour(draw: Draw) -> None:
    html = draw('{% from "kit/lamp.html" import lamp %}{{ lamp("late", "逾期") }}')
    assert 'class="lamp late"' in html and "icons.svg" in html and "#alarm" in html and "逾期" in html


def test_no_star_is_no_row_of_empty_stars(draw: Draw) -> None:
    source = '{% from "kit/lamp.html" import stars %}{{ stars(number) }}'
    assert "未评" in draw(source, number=0) and "<svg" not in draw(source, number=None)
    assert 'aria-label="四星"' in draw(source, number=4)


@pytest.mark.parametrize("kind", ["held", "fine", "soon", "late"])
def test_a_notice_escapes_what_it_says(draw: Draw, kind: str) -> None:
    source = '{% from "kit/notice.html" import notice %}{{ notice("<b>店</b>", kind) }}'
    assert "&lt;b&gt;店" in draw(source, kind=kind)


def test_a_question_says_what_follows_and_posts_with_a_token(draw: Draw) -> None:
    source = """{% from "kit/confirm.html" import confirm %}
    {{ confirm("stop", "停下", "停下换签？", "换好的作数。", "/stop", yes="停下", fields=[("version", 3)]) }}"""
    html = draw(source)
    assert 'method="post" action="/stop"' in html and 'name="csrf_token"' in html and 'name="version" value="3"' in html
    assert "换好的作数" in html and "<details" in html
