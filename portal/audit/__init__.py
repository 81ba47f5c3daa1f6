"""留痕: who did what, when, from where. Append-only and hash-chained. Stands on ground and web alone."""
