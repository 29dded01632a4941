"""The columnar engine: many patients at once, the same answers as the reference engine, without the tree of reasons."""
