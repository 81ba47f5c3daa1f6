"""文书: numbered, sealed papers with evidence and a standing of their own, which anyone can check. Stands on accounts."""
