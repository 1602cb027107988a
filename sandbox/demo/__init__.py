"""The demo: an attack on the sandbox's AWS; the built app detects, tickets, notifies and remediates."""
