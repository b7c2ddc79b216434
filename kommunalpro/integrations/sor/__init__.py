"""The open daily file of SOR, the health service's organisation register: units, their tree, and what is wrong."""

from kommunalpro.integrations.sor.columns import Columns, ColumnsMissing, MappingBroken
from kommunalpro.integrations.sor.reading import Overview, SorFile
from kommunalpro.integrations.sor.values import Address, Fault, SorUnit

__all__ = ["Address", "Columns", "ColumnsMissing", "Fault", "MappingBroken", "Overview", "SorFile", "SorUnit"]
