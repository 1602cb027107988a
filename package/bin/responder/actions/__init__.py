"""What an analyst picks in the alert UI: one file an action.

An action only says what it wants done about a finding (``wish``); ``run.py`` does the rest, the same for all.
Standard library only: an action is a cold process, and Splunk starts one a firing alert.
"""
