"""Which installation a database is of: a name that it has for good, for what several may keep in one place."""

from kommunalpro.fhirserver.database import change, rows
from kommunalpro.fhirserver.identifiers import new_id


def installation() -> str:
    """Give the name; a database that has none yet gets one. Whoever copies a database copies its name."""
    if not (found := _found()):
        # Whoever comes first: several processes may begin at once.
        change(
            "INSERT INTO fhir_fact (name, value) VALUES ('installation', %s) ON CONFLICT (name) DO NOTHING",
            (new_id(),),
        )
        found = _found()
    return found


def _found() -> str:
    return next((str(name) for (name,) in rows("SELECT value FROM fhir_fact WHERE name = 'installation'")), "")
