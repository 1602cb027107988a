"""One remediation a file; see ``remediation.playbook``."""
