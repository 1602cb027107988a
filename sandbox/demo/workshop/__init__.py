"""The workshop: CloudTrail's way to Splunk and out again, step by step, on the built app and the sandbox."""
