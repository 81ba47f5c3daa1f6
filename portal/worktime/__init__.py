"""工作日历: published holidays and make-up days, their sources and versions, and the working days they give. Stands
on settings and audit.
"""
