"""The build of the app and of its documentation. See README.md."""

#: The file that additional_packaging.py leaves beside the app when it came to its end.
HOOK_MARK = "hook.done"
