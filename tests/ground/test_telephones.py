"""Telephones in any form a person types (rules 6 Input, 10 Telephones)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.letters import Misread
from portal.ground.fields.masks import masked_middle, masked_numbers, masked_telephone
from portal.ground.fields.telephones import clean_telephone, tail

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
landlines = st.from_regex(r"(010|02[1-9])-[2-9][0-9]{7}|0[3-9][0-9]{2}-[2-9][0-9]{6,7}", fullmatch=True)
extensions = st.from_regex(r"(转[0-9]{1,6})?", fullmatch=True)
FULL = str.maketrans("0123456789-+", "０１２３４５６７８９－＋")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("138 1234 5678", "13812345678", id="rules10-telephones-blanks"),
        pytest.param("138-1234-5678", "13812345678", id="rules10-telephones-hyphens"),
        pytest.param("１３８１２３４５６７８", "13812345678", id="rules10-telephones-full-width"),
        pytest.param("+86 13812345678", "13812345678", id="rules10-telephones-plus-86"),
        pytest.param("0086-13812345678", "13812345678", id="rules10-telephones-0086"),
        pytest.param("8613812345678", "13812345678", id="rules10-telephones-bare-86"),
        pytest.param("(+86)138 1234 5678", "13812345678", id="rules10-telephones-bracketed-86"),
        pytest.param("电话：13812345678", "13812345678", id="rules10-telephones-label"),
        pytest.param("'13812345678", "13812345678", id="rules10-telephones-sheet-quote"),
        pytest.param("02374512345", "023-74512345", id="rules10-telephones-landline"),
        pytest.param("（023）7451-2345", "023-74512345", id="rules10-telephones-landline-brackets"),
        pytest.param("+86 23 74512345", "023-74512345", id="rules10-telephones-landline-from-abroad"),
        pytest.param("023—74512345", "023-74512345", id="rules10-telephones-landline-dash"),
        pytest.param("0374-2234567", "0374-2234567", id="rules10-telephones-seven-digits"),
        pytest.param("023-74512345-801", "023-74512345转801", id="rules10-telephones-extension-hyphen"),
        pytest.param("023-74512345 转 801", "023-74512345转801", id="rules10-telephones-extension"),
        pytest.param("02374512345 ext. 801", "023-74512345转801", id="rules10-telephones-extension-latin"),
        pytest.param("02374512345分机801", "023-74512345转801", id="rules10-telephones-extension-word"),
    ],
)
def test_understood(typed, stored):
    assert clean_telephone(typed) == stored


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("", "请填电话", id="rules10-telephones-empty"),
        pytest.param("1381234567", "只有 10 位，手机号要 11 位", id="rules10-telephones-short"),
        pytest.param("138123456789", "有 12 位，手机号要 11 位", id="rules10-telephones-long"),
        pytest.param("12812345678", "第二位应是 3 到 9", id="rules6-input-second-digit"),
        pytest.param("74512345", "没有区号", id="rules10-telephones-no-area"),
        pytest.param("023-7451234", "区号 023 后面要 8 位", id="rules10-telephones-landline-short"),
        pytest.param("023-14512345", "不会以 1 开头", id="rules10-telephones-landline-first"),
        pytest.param("+852 91234567", "只登记国内号码", id="rules10-telephones-abroad"),
        pytest.param("13812345678/13987654321", "两个号码", id="rules10-telephones-two"),
        pytest.param("13812345678、02374512345", "两个号码", id="rules10-telephones-two-kinds"),
        pytest.param("1.38E+10", "科学计数法", id="rules10-telephones-scientific"),
        pytest.param("13812345678转12", "手机号没有分机", id="rules10-telephones-mobile-extension"),
        pytest.param("023-74512345转", "分机号要 1 到 6 位", id="rules10-telephones-extension-empty"),
        pytest.param("138l2345678", "“l”", id="rules10-telephones-letter"),
        pytest.param("138****5678", "分机号|不是电话", id="rules10-telephones-masked-is-none"),
        pytest.param("13812345\u202d678", "U.202D", id="rules10-telephones-invisible"),
    ],
)
def test_refused_with_the_fault_named(typed, says):
    with pytest.raises(Misread, match=says):
        clean_telephone(typed)


@given(mobiles | st.tuples(landlines, extensions).map("".join), st.data())
def test_any_spelling_of_a_number_becomes_its_one_form(number, data):
    assert clean_telephone(number) == number
    assert clean_telephone(number.translate(FULL)) == number
    plain = number.split("转")[0]
    if "-" not in plain:
        cut = data.draw(st.integers(1, 10))
        assert clean_telephone(f"+86 {plain[:cut]}-{plain[cut:]}") == number
    assert clean_telephone(clean_telephone(number)) == number


@given(st.text("0123456789-+ 转()１８", max_size=20) | st.text(max_size=12))
def test_cleaning_twice_changes_nothing(text):
    try:
        once = clean_telephone(text)
    except Misread as refused:
        assert str(refused)
        return
    assert clean_telephone(once) == once


@given(mobiles, st.from_regex(r"[0-9]{4}", fullmatch=True))
def test_the_mask_hides_the_middle_four(number, middle):
    other = number[:3] + middle + number[-4:]
    assert masked_telephone(number) == masked_telephone(other) == f"{number[:3]}****{number[-4:]}"


@given(landlines, extensions)
def test_the_mask_of_a_landline_hides_the_front_of_its_number(landline, extension):
    area, local = landline.split("-")
    assert masked_telephone(landline + extension) == f"{area}-****{local[-4:]}"


@given(st.text(max_size=20))
def test_a_mask_never_shows_what_is_no_stored_telephone(text):
    shown = masked_telephone(text)
    assert shown in ("", "****") or clean_telephone(text)
    hidden = masked_middle(text)
    assert len(hidden) - min(8, len(text) - min(4, len(text) // 3)) <= len(text) // 3


def test_tail_is_of_the_number_and_not_of_its_extension():
    assert tail("13812345678") == "5678"
    assert tail("023-74512345转801") == "2345"
    assert masked_telephone(None) == ""


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("138/1234/5678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("桂花巷13812345678", "桂花巷138****5678"),
        ("tel13812345678", "tel138****5678"),
        ("13812345678 13912345678", "****"),
        ("023-74512345", "****"),
        ("(023)74512345转801", "****转801"),
        ("7451234", "****"),
        ("500231199001011234", "5002**********"),
        ("50023119900101123X", "5002**********X"),
        ("5678", "5678"),
        ("GX-MY-0143", "GX-MY-0143"),
        ("92500231MA60002B15", "92500231MA60002B15"),
        ("桂花巷 7 号、9 号", "桂花巷 7 号、9 号"),
        ("", ""),
    ],
)
def test_a_searched_line_shows_no_whole_telephone(typed, shown):
    """Rules 6: what goes into a sheet's head and onto a page that others read."""
    assert masked_numbers(typed) == shown
