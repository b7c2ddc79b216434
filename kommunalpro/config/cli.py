"""The command line: Django is set up, a command runs, and whatever is wrong with the input is one clear line."""

import os
import sys

import django
import psycopg
from django import db
from typer.exceptions import TyperException

from kommunalpro.config.environment import ConfigurationError, choose_settings
from kommunalpro.config.failure import CommandFailed
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhirserver.facts import WrongBaseUrl
from kommunalpro.fhirserver.faults import DATABASE_ERRORS
from kommunalpro.identity.keys import KeyProblem

NO_DATABASE = "The database cannot be used. Run: kommunalpro migrate"


def main() -> None:
    """Run the command that the arguments name; exit code 0, or not 0 and one line (or one a problem) on stderr."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; gives the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", choose_settings(os.environ))
    try:
        django.setup()
        # The commands import rooms with models, which Django must be set up for.
        from kommunalpro.config.commands import app

        return int(app(arguments, standalone_mode=False) or 0)
    except TyperException as wrong:
        return _say(wrong.format_message() if hasattr(wrong, "format_message") else str(wrong), 2)
    except ConfigurationError as wrong:
        return _say(str(wrong), 2)
    except (CommandFailed, KeyProblem, WrongBaseUrl) as wrong:
        return _say(str(wrong), 1)
    except FhirError as wrong:
        return _say(str(wrong), 1)
    except DATABASE_ERRORS as wrong:
        return _say(f"{NO_DATABASE} ({_why(wrong)})", 1)
    except KeyboardInterrupt:
        return 130


def _why(wrong: Exception) -> str:
    """Say why in the driver's first line where it is about the connection; others may quote what was to be stored."""
    is_connection = isinstance(wrong, db.OperationalError | psycopg.OperationalError)
    return str(wrong).splitlines()[0] if is_connection and str(wrong) else type(wrong).__name__


def _say(line: str, code: int) -> int:
    sys.stderr.write(f"{line}\n")
    return code
