"""What a server offers beyond the one-by-one interactions with its types: a setting, for not all do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offers:
    """What is offered. `conditionals`: conditional entries and references in transactions; `batch`: batch Bundles."""

    conditionals: bool = True
    batch: bool = False
