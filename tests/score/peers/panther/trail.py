from example_helpers import is_denied


def rule(event):
    return event.get("eventName") == "StopLogging" and not is_denied(event)
