"""The same run on a Spark cluster of the caller's own."""
