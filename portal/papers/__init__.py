"""文书: numbered and sealed papers with their evidence, which anyone can check. Stands on accounts and audit."""
