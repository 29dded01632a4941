"""The safety case: an individual case safety report, read, checked, and written in the form authorities take."""
