"""Passes over the sentences of a report; each finds one kind of mention and knows nothing of the others."""
