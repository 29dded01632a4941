"""Reports of different case numbers that look like one case: weighed field by field, marked, never removed."""
