"""Makers: `a_shop(**but)` and the like, plain functions that put one plausible thing into the database."""
