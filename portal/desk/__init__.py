"""工作台: what is late, due and waiting for whoever looks, and one search over all rooms. Reads every room, writes
nothing.
"""
