"""The command line: thin commands, one short file per noun. Results go to stdout, talk goes to stderr."""
