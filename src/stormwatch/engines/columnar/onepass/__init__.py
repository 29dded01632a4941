"""One compiled pass over the facts: state of every input and answer of every unit, carried from moment to moment."""
