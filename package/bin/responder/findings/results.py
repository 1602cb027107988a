"""The results file that splunkd hands to an alert action: gzip'd CSV, streamed row by row."""

from __future__ import annotations

import csv
import gzip
import re
import zlib
from typing import Any, Dict, Iterator, List

from ..errors import InvalidPayload

#: Longest cell we read; CloudTrail requests are at most 100 kB, and a cell may hold several values.
MAX_CELL = 4 * 1024 * 1024
_VALUE = re.compile(r"\$((?:[^$]|\$\$)*)\$(?:;|$)")

Row = Dict[str, Any]


class RowProblem:
    number: int = 0
    message: str = ""



def rows(path: str) -> Iterator[Row]:
    """Yield each result as {field: text or list of texts}; memory stays flat whatever their number.

    Multivalue fields arrive newline-joined beside a ``__mv_<field>`` column in ``$a$;$b$`` form (``$$`` is a dollar).
    Raises InvalidPayload, perhaps after rows have been yielded, when the file is missing, cut short or not CSV.
    """
    csv.field_size_limit(MAX_CELL)
    try:
        with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
            # Before Python 3.11 csv ends at a null character, and the results after it would be lost.
            for row in csv.DictReader((line.replace("\0", "") for line in file), strict=True):
                if None in row:
                    raise InvalidPayload(f"Results file {path} has a row with more cells than columns.", RERUN)
                yield _merged(row)
    except FileNotFoundError as error:
        raise InvalidPayload(
            f"Results file {path} does not exist.", "Its job may have expired; run the search again."
        ) from error
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidPayload(f"Results file {path} cannot be read ({error}).", RERUN) from error
    except (csv.Error, UnicodeError) as error:
        raise InvalidPayload(f"Results file {path} is not valid CSV ({error}).", RERUN) from error


RERUN = "Run the search again; if it happens again, open it from the job inspector and look for damage."


def _merged(row: Row) -> Row:
    merged: Row = {}
    for name, value in row.items():
        if name.startswith("__mv_"):
            continue
        several = multivalue(row.get(f"__mv_{name}") or "")
        merged[name] = several if several else (value or "")
    return merged


def multivalue(encoded: str) -> List[str]:
    """The values of a ``__mv_`` cell; empty for a single-valued field."""
    return [match.group(1).replace("$$", "$") for match in _VALUE.finditer(encoded)]
