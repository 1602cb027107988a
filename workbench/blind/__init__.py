"""Records that nobody wrote: attacks by kind, and their harmless twins, for every service whose API has such a call.

``models`` finds the calls in botocore's descriptions of AWS's APIs, ``kinds`` says which of their parameters are an
attack and which are not, ``records`` makes CloudTrail records of them, ``halves`` splits them by service into those
that authors of detections may see and those that only the score sees, and ``measure`` counts what the detections say.
"""

from .halves import BLIND, SEEN, half_of
from .kinds import KINDS, Kind
from .measure import Blind, Share, measured
from .models import Call, calls
from .records import Made, made

__all__ = ["BLIND", "KINDS", "SEEN", "Blind", "Call", "Kind", "Made", "Share", "calls", "half_of", "made", "measured"]
