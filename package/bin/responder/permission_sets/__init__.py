"""What parts of the app that are no playbooks may ask of AWS, one file each, which declares ``PERMISSION_SET``."""
