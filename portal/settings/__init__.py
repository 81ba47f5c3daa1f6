"""设置: dated numbers and texts that the office can change, with who and why. Stands on audit."""
