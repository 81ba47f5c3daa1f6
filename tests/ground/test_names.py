"""Names of persons and shops, and what a mask shows (rules 10 Names)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ground.fields.letters import BLANKS, HAN, Misread, is_han
from portal.ground.fields.masks import masked_name
from portal.ground.fields.names import clean_name, clean_shop_name, refuse_unprintable, unprintable
from portal.ground.fields.surnames import COMPOUND

han = st.sampled_from(HAN).flatmap(lambda run: st.integers(*run)).map(chr)
han_names = st.text(han, min_size=2, max_size=12)


def taken(clean, text):
    try:
        return clean(text)
    except Misread:
        return None


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("张三", "张三", id="rules10-names-plain"),
        pytest.param(" 张　三\n", "张三", id="rules10-names-padding-blank"),
        pytest.param("买买提・吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-katakana"),
        pytest.param("买买提•吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-bullet"),
        pytest.param("买买提‧吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-hyphenation"),
        pytest.param("买买提∙吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-operator"),
        pytest.param("买买提⋅吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-dot-operator"),
        pytest.param("买买提．吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-full-width-stop"),
        pytest.param("买买提.吐尔逊", "买买提·吐尔逊", id="rules10-names-middle-dot-typed-stop"),
        pytest.param("阿·卜·杜", "阿·卜·杜", id="rules10-names-two-dots"),
        pytest.param("㛃䶮𠮷𬭎", "㛃䶮𠮷𬭎", id="rules10-names-extensions"),
        pytest.param("金福", "金福", id="rules10-names-compatibility-kept"),
        pytest.param("⼈民", "人民", id="rules10-names-radical-from-pdf"),
        pytest.param("John  Smith", "John Smith", id="rules10-names-latin-blank"),
        pytest.param("Ｌｉ", "Li", id="rules10-names-full-width-latin"),
        pytest.param("Jose\u0301", "José", id="rules10-names-loose-accent"),
    ],
)
def test_names_taken(typed, stored):
    assert clean_name(typed) == stored


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param("", "请填姓名", id="rules10-names-empty"),
        pytest.param("张", "至少两个字", id="rules10-names-short"),
        pytest.param("张" * 51, "最多 50 个字", id="rules10-names-long"),
        pytest.param("张\ue863", "U+E863（私用区字符）", id="rules10-names-private-use"),
        pytest.param("张\U000f0000三", "U+F0000（私用区字符）", id="rules10-names-private-use-plane"),
        pytest.param("张\u200b三", "U+200B（零宽空格）", id="rules10-names-invisible"),
        pytest.param("张三\ufeff", "U+FEFF（字节顺序标记）", id="rules10-names-invisible-at-edge"),
        pytest.param("张\u202e三", "U+202E（从右到左强制符）", id="rules10-names-direction"),
        pytest.param("葛\U000e0100城", "U+E0100（变体选择符）", id="rules10-names-variant"),
        pytest.param("张\x00三", "U+0000（控制字符）", id="rules10-names-control"),
        pytest.param("张三3", "“3”（U+0033）", id="rules10-names-digit"),
        pytest.param("张三😀", "“😀”（U+1F600）", id="rules10-names-picture"),
        pytest.param("·张三", "两段名字中间", id="rules10-names-dot-first"),
        pytest.param("买··吐", "只留一个", id="rules10-names-dots-together"),
        pytest.param("张*", "“*”（U+002A）", id="rules10-names-masked-is-no-name"),
    ],
)
def test_names_refused_by_name(typed, says):
    with pytest.raises(Misread, match=says.replace("*", r"\*").replace("+", r"\+")):
        clean_name(typed)


@given(han_names)
def test_every_chinese_character_of_unicode_is_taken(name):
    assert clean_name(name) == name


@given(st.text(max_size=20))
def test_cleaning_twice_changes_nothing(text):
    for clean in (clean_name, clean_shop_name):
        once = taken(clean, text)
        assert once is None or clean(once) == once


@given(st.text(max_size=20))
def test_a_cure_is_taken_as_it_stands(text):
    for clean in (clean_name, clean_shop_name):
        try:
            clean(text)
        except Misread as refused:
            assert str(refused)
            assert refused.cure is None or refused.cure == refused.cure.strip(BLANKS)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        pytest.param("建新路早餐店", "建新路早餐店", id="rules1-shop-name"),
        pytest.param("7·11（便利）", "7·11（便利）", id="rules1-shop-name-brackets"),
        pytest.param("ＫＴＶ　１号", "KTV 1号", id="rules1-shop-name-full-width"),
        pytest.param("老王の面", "老王の面", id="rules1-shop-name-kana"),
        pytest.param("A&B 手机.维修", "A&B 手机.维修", id="rules1-shop-name-marks"),
    ],
)
def test_shop_names_taken(typed, stored):
    assert clean_shop_name(typed) == stored


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        pytest.param(" ", "请填店名", id="rules1-shop-name-empty"),
        pytest.param("（）", "没有一个字", id="rules1-shop-name-no-letter"),
        pytest.param("店\u200d名", "U.200D（零宽连字）", id="rules10-names-shop-invisible"),
        pytest.param("店\n名", "写成一行", id="rules10-names-shop-two-lines"),
        pytest.param("店" * 61, "最多 60 个字", id="rules1-shop-name-long"),
        pytest.param("🍜面馆", "照招牌", id="rules1-shop-name-picture"),
    ],
)
def test_shop_names_refused(typed, says):
    with pytest.raises(Misread, match=says):
        clean_shop_name(typed)


def test_what_no_face_prints_is_refused_by_name():
    covered = set("张三·").__contains__
    assert unprintable("张𠮷三 𬭎𠮷", covered) == ["𠮷", "𬭎"]
    assert refuse_unprintable("张三", covered) == "张三"
    with pytest.raises(Misread, match=r"“𠮷”（U\+20BB7）"):
        refuse_unprintable("张𠮷", covered)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("张三", "张*", id="rules10-names-mask"),
        pytest.param("张三丰", "张*", id="rules10-names-mask-one-star"),
        pytest.param("欧阳娜娜", "欧阳*", id="rules10-names-mask-compound"),
        pytest.param("欧阳", "欧*", id="rules10-names-mask-compound-is-whole-name"),
        pytest.param("买买提·吐尔逊", "买*", id="rules10-names-mask-dotted"),
        pytest.param("欧阳·吐尔逊", "欧*", id="rules10-names-mask-dotted-compound"),
        pytest.param("John Smith", "J*", id="rules10-names-mask-latin"),
        pytest.param("𠮷野", "𠮷*", id="rules10-names-mask-extension"),
        pytest.param("张", "*", id="rules10-names-mask-nothing-to-show"),
        pytest.param("", "", id="rules10-names-mask-none"),
    ],
)
def test_masks(name, shown):
    assert masked_name(name) == shown


@given(han_names | st.sampled_from(sorted(COMPOUND)).flatmap(lambda s: han_names.map(lambda n: s + n)))
def test_a_mask_shows_the_surname_and_one_star_alone(name):
    shown = masked_name(name)
    assert shown.count("*") == 1
    assert len(shown) - 1 < len(name)
    assert name.startswith(shown[:-1])
    assert shown[:-1] in COMPOUND or len(shown) == 2


def test_unassigned_neighbours_of_the_blocks_are_not_chinese():
    assert not any(is_han(chr(code)) for code in (0x33FF, 0x2E80, 0x3006, 0x3008, 0xFADA, 0x2A6E0, 0x3347A))
