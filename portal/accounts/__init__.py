"""人员·角色: people, their roles within areas, dated authorities, logins. Stands on areas, settings and audit."""
