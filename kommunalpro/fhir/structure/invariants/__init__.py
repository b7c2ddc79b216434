"""R4's own invariants, by hand: one function each, named by its key.

They run only on elements whose structure holds, so they trust what they read. Not here: warnings (`que-0` and so on);
`ele-1`, which is the structure itself; `sqty-1`, which the tables say; `dom-2` to `dom-5` and `ref-1` (`contained.py`);
`txt-1` and `txt-2` (`narrative.py`); `ctm-1`, which needs to resolve; those of StructureDefinition and its kin, which
nobody edits here.
"""

from kommunalpro.fhir.structure.invariants.catalogue import Catalogue, Invariant
from kommunalpro.fhir.structure.invariants.datatypes import DATATYPES
from kommunalpro.fhir.structure.invariants.definitions import DEFINITIONS
from kommunalpro.fhir.structure.invariants.records import RECORDS

__all__ = ["INVARIANTS", "Invariant"]

INVARIANTS = Catalogue({**DATATYPES, **DEFINITIONS, **RECORDS})
