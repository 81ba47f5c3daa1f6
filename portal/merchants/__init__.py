"""商户: one shop, one file (一店一档); its tenures, its sheets in and out. Stands on areas, papers and audit."""
