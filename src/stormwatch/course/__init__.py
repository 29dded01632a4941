"""The course of the patient: exposure, episodes, trajectories, dechallenge and rechallenge, differential."""

from stormwatch.course.follow import Course, follow

__all__ = ["Course", "follow"]
