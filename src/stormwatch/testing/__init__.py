"""Builders and Hypothesis strategies for tests: of Stormwatch itself, and of instruments that users write."""
