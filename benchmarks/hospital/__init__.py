"""The parts of the benchmark of cohort runs."""
