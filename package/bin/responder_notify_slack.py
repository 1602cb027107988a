"""Alert action responder_notify_slack: the thin door; the work is in responder/actions."""

import sys

from responder.actions.run import main

if __name__ == "__main__":
    sys.exit(main("notify_slack"))
