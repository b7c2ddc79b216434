from itertools import chain, pairwise

import typer

from kommunalpro.config import wiring
from kommunalpro.config.progress import say, step
from kommunalpro.fhirserver import facts


def reindex() -> None:
    """Rebuild the search index from the resources.

    The server may go on meanwhile; who writes waits for a batch at a time.
    """
    wiring.check_base_url()
    with step("Rebuilding the index"):
        done = _rebuild()
    typer.echo(f"Indexed: {done} resources.")


def _rebuild() -> int:
    """Rebuild it; gives how many resources there are. Says once that others hold it: it may be for long."""
    done, is_told = 0, False
    for before, done in pairwise(chain((0,), facts.reindex(wiring.server()))):
        if done == before and not is_told:
            say("Others hold the index (a long write, or VACUUM): going on as soon as they let go …")
            is_told = True
    return done
