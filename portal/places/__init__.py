"""点位·责任人: streets and alleys, their grids, and who answers for each. Stands on areas and accounts."""
