"""The AWS side of the app: provision the pipeline, look inside it, and take it away again."""
