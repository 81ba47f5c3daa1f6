"""表格: sheets in as the clerk sees them, sheets out with typed cells (rules 10 Sheets in, Sheets out).

`read.read_sheet` → `columns.match_columns` → `check.check_rows`; `write.write_xlsx`, `write.write_csv` and
`template.template_xlsx` go the other way. A reading that would differ from what the clerk sees is a `Notice`
that asks; a cell that cannot be taken is a `Fault` that names cell and cure.
"""
