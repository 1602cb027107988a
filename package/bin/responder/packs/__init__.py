"""Packs: detections that are switched on together, a file each, which declares ``PACK``."""
