"""Engines evaluate instruments on facts. The reference engine is the specification; others must agree with it."""
