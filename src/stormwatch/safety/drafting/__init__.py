"""From a course to the sections of a case: each part takes the course and writes fields with their basis."""
