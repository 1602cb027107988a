"""Smoke test: what a person with a real Splunk runs in ten minutes, to see that the app works there.

Standard library only, Python 3.9 or newer; talks to splunkd's REST API and to nothing else.
"""
