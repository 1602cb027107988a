"""People who use Splunk in these tests."""

from __future__ import annotations

from sandbox.world import World


def person(world: World, name: str, *roles: str) -> str:
    """Somebody with these roles in Splunk; a world serves many tests, so they may be there already."""
    form = {"name": name, "password": "a-password-1", "roles": list(roles)}
    assert world.rest("POST", "/services/authentication/users", data=form).status_code in (201, 409)
    return name
