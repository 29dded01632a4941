"""The course of the patient: exposure, episodes, trajectories, dechallenge and rechallenge, differential.

``stormwatch.course.follow`` is where to begin.
"""
