"""运维: copies of the office and how they come back, orphaned files, 系统状态. Stands on papers, settings and audit."""
