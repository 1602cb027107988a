"""CloudTrail's files, from a queue or a bucket into the index."""
