"""The management API, a module for each group of paths: ``register(router, instance)`` adds what it answers."""
