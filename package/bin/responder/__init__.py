"""CloudTrail Responder: what the alert actions, the executor and the worker share."""
