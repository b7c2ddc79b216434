"""FUT's implementation guide, machine-readable, where it stands beside the clone; in CI it must."""

import os
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "shared/data/fut-ig"
needs_guide = pytest.mark.skipif(
    not GUIDE.exists() and not os.environ.get("CI"), reason="FUT's guide is not beside the clone"
)
