"""Detections as code: compiled from YAML, replayed over log files, scored, and reported on. See README.md.

Nothing is imported here: the build compiles detections in an environment that has no more than a YAML parser.
"""
