"""The errors that splunkd answers with."""

from __future__ import annotations


class ApiError(Exception):
    """An error answer: HTTP status, text and message type (ERROR, WARN), as ``messages`` of the answer."""

    def __init__(self, status: int, text: str, kind: str = "ERROR") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.kind = kind


def not_authenticated() -> ApiError:
    return ApiError(401, "call not properly authenticated", "WARN")


def forbidden(user: str, capability: str) -> ApiError:
    return ApiError(
        403, f"You (user={user}) do not have permission to perform this operation (requires capability: {capability})."
    )


def not_found(handler: str, name: str) -> ApiError:
    return ApiError(404, f"In handler '{handler}': Could not find object id={name}")


def exists(handler: str, name: str) -> ApiError:
    return ApiError(409, f"In handler '{handler}': An object with name={name} already exists")


def bad_argument(name: str) -> ApiError:
    return ApiError(400, f'Argument "{name}" is not supported by this handler.')
