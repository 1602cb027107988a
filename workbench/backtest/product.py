"""The app's own code, which makes the plans: a backtest of anything else would prove nothing."""

from __future__ import annotations

import sys

from tools.playbooks import SOURCES

if str(SOURCES) not in sys.path:
    sys.path.insert(0, str(SOURCES))

from responder.backtest import bill as bills
from responder.backtest.fates import Fates
from responder.backtest.plans import Plans
from responder.errors import InvalidFinding
from responder.findings.finding import Finding

__all__ = ["Fates", "Finding", "InvalidFinding", "Plans", "bills"]
