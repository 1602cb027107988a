"""The demo: an attack on the sandbox's AWS, seen, ticketed, told and put right by the built app."""
