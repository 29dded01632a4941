"""What each finding and each drug is called and coded."""

from stormwatch.terms.catalogue import (
    drug_by_code,
    drug_by_name,
    drugs_in_class,
    finding_by_code,
    finding_by_name,
    scale_by_code,
    scale_by_name,
)
from stormwatch.terms.steroids import prednisone_equivalent
from stormwatch.terms.tables import Scale, Term, classes, drugs, findings, scales

__all__ = [
    "Scale",
    "Term",
    "classes",
    "drug_by_code",
    "drug_by_name",
    "drugs",
    "drugs_in_class",
    "finding_by_code",
    "finding_by_name",
    "findings",
    "prednisone_equivalent",
    "scale_by_code",
    "scale_by_name",
    "scales",
]
