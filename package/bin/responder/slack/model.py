"""What others have to know of Slack's refusals. Importing it loads no library."""

from __future__ import annotations

from ..errors import Curable


class NoChannel(Curable):
    """There is no such channel any more, as far as the app can see, or it was archived. Nothing was done."""
