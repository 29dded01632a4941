"""From a source to portions of patients, in an order that is always the same."""
