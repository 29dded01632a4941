"""Other forms of a case: CIOMS I on paper, FHIR, and a table of cases."""
