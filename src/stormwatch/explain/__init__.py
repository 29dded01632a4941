"""From results to words, tables and payloads. Nothing is computed here that the engines did not compute."""
