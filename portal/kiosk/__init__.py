"""自助机: enrolled devices, one-time codes, journeys that forget. Stands on papers, accounts, areas and audit."""
