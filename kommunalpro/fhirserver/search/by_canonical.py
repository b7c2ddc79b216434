"""What is stored under a canonical address that it has of its author (`url`), as one who names it means it.

Source: R4 references.html#canonical: whoever names no version leaves it to the server which. FUT's own canonicals are
addresses on a server, which `fhir.reference` reads.
"""

from typing import Any

from kommunalpro.fhir.json import loads
from kommunalpro.fhirserver.database import rows
from kommunalpro.fhirserver.search.filters import Visible, filter_sql
from kommunalpro.fhirserver.search.values import LONGEST


def newest(type: str, canonical: str, visible: Visible) -> dict[str, Any] | None:
    """Give exactly the version that is named, else the active one that was written last.

    None: nothing is stored so that may be seen.
    """
    url, _, version = canonical.partition("|")
    seen, limits = filter_sql(visible(type))
    sql = (
        "SELECT r.json FROM fhir_index i JOIN fhir_resource r ON r.type = i.type AND r.id = i.id"
        f" WHERE i.type = %s AND i.parameter = 'url' AND i.value = %s AND NOT r.deleted AND ({seen})"
        " ORDER BY r.last_updated DESC, r.id"
    )
    found = (loads(text) for (text,) in rows(sql, (type, url[:LONGEST], *limits)))
    # Of a long address the index has the beginning alone.
    wanted = {"url": url, **({"version": version} if version else {"status": "active"})}
    return next((each for each in found if wanted.items() <= each.items()), None)
