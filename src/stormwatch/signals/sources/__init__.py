"""Raw reports as they are published, into one set of tables, with an account of every line."""
