"""What a run found, in numbers that may leave the hospital: small cells are suppressed."""
