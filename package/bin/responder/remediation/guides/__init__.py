"""Guides, a file each: what a person has to do where no call of the app can help."""
