"""A severity in whatever words an alert has it, as one of ours. Nothing is refused.

Facts: savedsearches.conf.spec and the alert dialog of Splunk (``alert.severity``: 1 to 5 are Info, Low, Medium, High,
Critical; 6 is fatal); Amazon GuardDuty User Guide, "Severity levels" (1.0 to 10.0); AWS Security Finding Format,
``Severity.Normalized`` (0 to 100); Enterprise Security (words, and risk scores in steps of twenty).
"""

from __future__ import annotations

INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = "informational", "low", "medium", "high", "critical"
UNKNOWN = MEDIUM
_WORDS = {
    INFORMATIONAL: INFORMATIONAL, "info": INFORMATIONAL, "information": INFORMATIONAL, "notice": INFORMATIONAL,
    "debug": INFORMATIONAL, "none": INFORMATIONAL, LOW: LOW, "minor": LOW, MEDIUM: MEDIUM, "moderate": MEDIUM,
    "med": MEDIUM, "warn": MEDIUM, "warning": MEDIUM, HIGH: HIGH, "error": HIGH, "major": HIGH, "important": HIGH,
    "severe": CRITICAL, CRITICAL: CRITICAL, "crit": CRITICAL, "fatal": CRITICAL, "emergency": CRITICAL,
    "alert": CRITICAL, "blocker": CRITICAL,
}  # fmt: skip
#: Of whole numbers up to 6: Splunk's own scale.
_SPLUNK = (INFORMATIONAL, INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL, CRITICAL)


def severity_of(text: str, of_guardduty: bool = False) -> str:
    """One of ours for a word or a number; empty for an empty text and for what is neither."""
    word = text.strip().casefold()
    if word in _WORDS:
        return _WORDS[word]
    try:
        number = float(word) if word.isascii() and "_" not in word else -1.0
    except ValueError:
        return ""
    if not 0 <= number <= 100:
        return ""
    if number <= 6 and number.is_integer() and not of_guardduty:
        return _SPLUNK[int(number)]
    if number <= 10:
        return CRITICAL if number >= 9 else HIGH if number >= 7 else MEDIUM if number >= 4 else LOW
    return (INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL)[min(4, int((number - 0.001) // 20))]
