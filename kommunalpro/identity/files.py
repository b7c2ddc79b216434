"""Files that an operator names in a setting."""

from pathlib import Path
from typing import Any

from kommunalpro.fhir.json import loads


def read_json_file(path: Path) -> Any:
    """Read a file of JSON.

    Raises:
        ValueError: it cannot be read, or holds something else; the message says which.
    """
    try:
        return loads(path.read_bytes())
    except OSError as wrong:
        raise ValueError(f"the file cannot be read: {wrong.strerror}") from None
    except ValueError:
        raise ValueError("the file must hold JSON") from None
