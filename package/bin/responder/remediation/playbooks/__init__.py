"""One remediation a file; see ``base.py``."""
