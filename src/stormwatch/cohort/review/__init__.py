"""Reviewers decide, blind to the verdicts, and the instruments are held against what they decided."""
