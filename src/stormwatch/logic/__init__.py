"""Meaning: three-valued truth, bounds, look-back, and the nodes that criteria are made of."""
