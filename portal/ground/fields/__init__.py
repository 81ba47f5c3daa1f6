"""字段: what a person typed → one stored form, or a Chinese sentence that says what to do.

Pure functions, one module a noun: names, telephones, codes, days, numbers, masks, pinyin; `letters` is
under them all. Every refusal is a `Misread`, a `ValueError` that may carry the likely right answer as `cure`.
"""
