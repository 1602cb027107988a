"""Migrations of what the app keeps, a file each; ``inputs/upgrades.py`` runs those that are due, in order."""
