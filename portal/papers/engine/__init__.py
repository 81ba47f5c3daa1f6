"""The engine under papers: faces, drawings, rendering, the seal, the proof of a file, the demonstration authority.

Pure but for the files it is pointed at: no database, no request. Each module is one noun.
"""
