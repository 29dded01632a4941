"""A report that was read, as people see it: its text with the facts marked, the facts, and what criteria make of it."""
