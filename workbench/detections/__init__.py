"""Detections: one YAML file each under ``detections/``, compiled into the app's .conf files and the docs.

The format is described in docs/detections/README.md.
"""
