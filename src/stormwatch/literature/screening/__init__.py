"""Screening a batch of publications: ranked by what a reader has decided so far, with what is probably left."""
