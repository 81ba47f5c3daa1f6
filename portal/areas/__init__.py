"""社区·网格: the tree of the street office: office → community or village → grid. Stands on audit."""
