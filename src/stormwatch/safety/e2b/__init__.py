"""ICH E2B(R3) in and out: read and write messages, check them against the rules, show them, read acknowledgements."""
