import re
from typing import Annotated

import typer
from django.conf import settings

from kommunalpro.config.failure import CommandFailed
from kommunalpro.fhirserver.sealing import Head, verify
from kommunalpro.identity.keys import read_audit_key

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")

KnownHead = Annotated[str | None, typer.Option("--head", help="A head that was printed earlier: 1234:9f86d0…")]


def verify_audit(head: KnownHead = None) -> None:
    """Follow the seals of the audit log; names the first that is broken, and counts what is not sealed yet.

    Exit code 1 when one is broken, or when the log does not hold the head that is given.
    """
    verdict = verify(read_audit_key(settings.KEYS_DIRECTORY), _read(head))
    if verdict.broken:
        raise CommandFailed(f"The audit log is broken: {verdict.broken}.")
    if verdict.unsealed and not verdict.head.sequence:
        typer.echo(f"Nothing is sealed yet: {verdict.unsealed} events could be changed unseen. Run: kommunalpro worker")
        return
    typer.echo(f"The audit log is whole. Sealed: {verdict.head.sequence}, not sealed yet: {verdict.unsealed}.")
    if verdict.by_text:
        typer.echo(f"Of the first {verdict.by_text} the text is sealed, and not by which columns they are found.")
    if head is None:
        typer.echo("Keep the head elsewhere: only with --head is it seen that the end of the log was cut off.")
    typer.echo(f"Head: {verdict.head}")


def _read(text: str | None) -> Head | None:
    if text is None:
        return None
    match = _HEAD.fullmatch(text)
    if match is None:
        raise typer.BadParameter("give it as it was printed, number:64 hexadecimal digits.", param_hint="--head")
    return Head(int(match[1]), match[2])
