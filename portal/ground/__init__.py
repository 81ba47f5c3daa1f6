"""地基: what every room stands on (clock, database types, fields, sheets, files, sealing); imports nothing of ours."""
