def is_denied(event):
    return bool(event.get("errorCode"))
