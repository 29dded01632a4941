"""Many patients at once: cohorts, how patients enter them, and synthetic ones."""
