"""Published criteria, scores and grading scales as data: one TOML file per edition, their format and catalogue."""
