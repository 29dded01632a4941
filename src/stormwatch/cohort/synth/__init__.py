"""Synthetic patients, to try the project on without anybody's data. Every file of theirs says that it is synthetic."""

from stormwatch.cohort.synth.output import FORMATS, Summary, synthesise
from stormwatch.cohort.synth.patient import patient, patients
from stormwatch.cohort.synth.record import SyntheticPatient

__all__ = ["FORMATS", "Summary", "SyntheticPatient", "patient", "patients", "synthesise"]
