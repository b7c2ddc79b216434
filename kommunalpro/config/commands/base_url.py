from typing import Annotated

import typer
from django.db import transaction

from kommunalpro.care.renaming import rename_drafts
from kommunalpro.config.failure import CommandFailed
from kommunalpro.config.progress import step
from kommunalpro.config.values import read_base_url
from kommunalpro.fhirserver import facts
from kommunalpro.identity.logins import rename_logins

Old = Annotated[str, typer.Argument(help="What resources are named by now: https://old.example.dk/fhir")]
New = Annotated[str, typer.Argument(help="What they shall be named by.")]


def rebase(old: Old, new: New) -> None:
    """Rename everything stored to another base URL. Stop the server first, and set KOMMUNALPRO_FHIR_BASE_URL after."""
    for name, url in (("OLD", old), ("NEW", new)):
        try:
            read_base_url(url)
        except ValueError as wrong:
            raise CommandFailed(f"{name}: {wrong}.") from None
    if old == new:
        raise CommandFailed("OLD and NEW are the same.")
    with step("Renaming"), transaction.atomic():
        changed = facts.rebase(old, new)
        rename_logins(old, new)
        rename_drafts(old, new)
    typer.echo(f"Renamed: {changed} texts. Now set KOMMUNALPRO_FHIR_BASE_URL={new} and run: kommunalpro reindex")
