"""Reading .xls as the clerk sees it: texts from the cell library, numbers, formats and flags from its
records.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from portal.ground.sheets.archive import BROKEN
from portal.ground.sheets.biff import Flags, Workbook
from portal.ground.sheets.cells import Cell, Misfit, Page, address
from portal.ground.sheets.compound import Compound
from portal.ground.sheets.shown import shown
from portal.ground.sheets.xlsx import Tab


@contextmanager
def by_the_library() -> Iterator[None]:
    """`Misfit` for whatever the cell library cannot read; over some broken files it panics, which is no `Exception`."""
    try:
        yield
    except PasswordError:
        raise Misfit("这张表有密码，请在 Excel 或 WPS 里取消密码后再上传") from None
    except (CalamineError, OSError, ValueError):
        raise Misfit(BROKEN) from None
    except BaseException as trouble:
        if type(trouble).__name__ == "PanicException":  # its module cannot be imported
            raise Misfit(BROKEN) from None
        raise


class OldBook:
    """An .xls file: its tabs, and each of them as a `Page`."""

    def __init__(self, data: bytes) -> None:
        container = Compound(data)
        names = {name.lower(): name for name in container.names()}
        if "encryptedpackage" in names:
            raise Misfit("这张表有密码，请在 Excel 或 WPS 里取消密码后再上传")
        if "workbook" not in names and "book" in names:
            raise Misfit("这张 .xls 是 Excel 95 以前的老格式，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传")
        if "workbook" not in names:
            raise Misfit("这不是表格（可能是 .doc 文档改了后缀），请上传 .xlsx、.xls 或 .csv")
        self._book = Workbook(container.read(names["workbook"]))
        with by_the_library():
            self._texts = CalamineWorkbook.from_filelike(io.BytesIO(data))
        self.tabs = [Tab(flags.name, "", flags.hidden) for flags in self._book.sheets]

    def page(self, name: str) -> Page:
        """One tab as a page."""
        flags = next(flags for flags in self._book.sheets if flags.name == name)
        page = Page(name, merges=flags.merges, hidden_rows=flags.hidden_rows, hidden_columns=flags.hidden_columns)
        page.formulas = [address(*at) for at in flags.formulas]
        self._put_texts(page, flags)
        for (row, column), (value, code) in flags.numbers.items():
            look = shown(value, code, from_1904=self._book.from_1904)
            where = address(row, column)
            if look.short:
                page.short_days.append(where)
            page.put(row, column, Cell(where, look.text, look.kind, look.stored, look.fault))
        for (row, column), truth in flags.truths.items():
            page.put(row, column, Cell(address(row, column), "TRUE" if truth else "FALSE", "truth"))
        for (row, column), error in flags.errors.items():
            fault = f"是错误值 {error}，请改正公式或直接填内容"
            page.put(row, column, Cell(address(row, column), error, fault=fault))
        return page

    def _put_texts(self, page: Page, flags: Flags) -> None:
        with by_the_library():
            rows = self._texts.get_sheet_by_name(page.name).to_python(skip_empty_area=False)
        for number, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                if isinstance(value, str) and value.strip():
                    fault = "里有乱码，请重新输入" if "\ufffd" in value else None
                    page.put(number, column, Cell(address(number, column), value, fault=fault))
