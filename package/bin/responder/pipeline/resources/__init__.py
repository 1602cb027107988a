"""The types of resources of a pipeline, one a file."""
