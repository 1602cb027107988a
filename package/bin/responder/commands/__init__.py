"""Search commands, a file each. Only ``run`` needs splunk-sdk."""
