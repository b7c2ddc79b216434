import typer

from kommunalpro.config import wiring
from kommunalpro.config.progress import step
from kommunalpro.fhirserver import facts


def reindex() -> None:
    """Rebuild the search index from the resources.

    The server may go on meanwhile; who writes waits for a batch at a time.
    """
    wiring.check_base_url()
    with step("Rebuilding the index"):
        done = max(facts.reindex(wiring.server()), default=0)
    typer.echo(f"Indexed: {done} resources.")
