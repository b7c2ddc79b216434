"""The command line. Each command is a small module's function; here they get their names and their one way to fail."""

import os
import sys

import django
import typer

from kommunalpro.config.environment import ConfigurationError, choose_settings

app = typer.Typer(name="kommunalpro", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def kommunalpro() -> None:
    """Kommunal PRO: patient-reported outcomes, with FUT's infrastructure embedded."""


@app.command()
def migrate() -> None:
    """Prepare this installation: keys, and the database's tables."""
    from django.conf import settings
    from django.core.management import call_command

    from kommunalpro.identity.keys import make_keys

    make_keys(settings.KEYS_DIRECTORY)
    call_command("migrate", interactive=False, verbosity=0)
    typer.echo("Databasen er klar.")


def main() -> None:
    """Run the command line; whatever is wrong with the input is one clear line and a non-zero exit."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", choose_settings(os.environ))
    try:
        django.setup()
    except ConfigurationError as wrong:
        sys.exit(str(wrong))
    app()
