"""From row to row by reference, as SQL: through what the caller may see, else a search would tell what a read hides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kommunalpro.fhirserver.database import Sql, placeholders, rows_by_key
from kommunalpro.fhirserver.protocols import SearchParameter
from kommunalpro.fhirserver.search.canonicals import holds_canonicals, is_definition, meant_sql
from kommunalpro.fhirserver.search.filters import Visible, by_row
from kommunalpro.fhirserver.search.refusing import Parameters


@dataclass(frozen=True, slots=True)
class Links:
    """The references of one caller: by address and, where R4 has canonicals, by these too."""

    parameters: Parameters
    visible: Visible

    def forth(self, row: str, link: SearchParameter, target: str, inner: Sql) -> Sql:
        """Say of a row that it refers to one of a type, `c`, that meets a condition."""
        condition, bound = inner
        if not self.has_canonicals(link, target):
            sql = (
                "EXISTS (SELECT 1 FROM fhir_index l JOIN fhir_resource c ON c.type = %s AND c.id = substr(l.value, %s)"
                f" WHERE l.type = {row}.type AND l.id = {row}.id AND l.parameter = %s"
                f" AND l.value = c.type || '/' || c.id AND {condition})"
            )
            return sql, (target, len(target) + 2, link.name, *bound)
        meant, limits = meant_sql(target, self.visible)
        sql = (
            f"EXISTS (SELECT 1 FROM fhir_index l JOIN fhir_index a ON a.type = %s AND {meant}"
            " JOIN fhir_resource c ON c.type = a.type AND c.id = a.id"
            f" WHERE l.type = {row}.type AND l.id = {row}.id AND l.parameter = %s AND {condition})"
        )
        return sql, (target, *limits, link.name, *bound)

    def back(self, row: str, type: str, link: SearchParameter, inner: Sql) -> Sql:
        """Say of a row of a type that it is referred to by one, `c`, that meets a condition."""
        condition, bound = inner
        if not self.has_canonicals(link, type):
            sql = (
                "EXISTS (SELECT 1 FROM fhir_index l JOIN fhir_resource c ON c.type = l.type AND c.id = l.id"
                f" WHERE l.type = %s AND l.parameter = %s AND l.value = {row}.type || '/' || {row}.id"
                f" AND {condition})"
            )
            return sql, (link.type, link.name, *bound)
        meant, limits = meant_sql(type, self.visible)
        # Definitions are few and what names them is much: looked at one by one, the first that names one is enough.
        sql = (
            f"EXISTS (SELECT 1 FROM fhir_index a JOIN fhir_index l ON l.type = %s AND l.parameter = %s AND {meant}"
            " JOIN fhir_resource c ON c.type = l.type AND c.id = l.id"
            f" WHERE a.type = {row}.type AND a.id = {row}.id AND {condition}{by_row()})"
        )
        return sql, (link.type, link.name, *limits, *bound)

    def ids_of_referring(self, link: SearchParameter, type: str, ids: Sequence[str]) -> Sql:
        """Give a statement for the ids of what refers to some of a type."""
        if not self.has_canonicals(link, type):
            sql = (
                "SELECT i.id FROM fhir_index i WHERE i.type = %s AND i.parameter = %s"
                f" AND i.value IN ({placeholders(len(ids))})"
            )
            return sql, (link.type, link.name, *(f"{type}/{id}" for id in ids))
        meant, limits = meant_sql(type, self.visible)
        sql = (
            f"SELECT l.id FROM fhir_index a JOIN fhir_index l ON l.type = %s AND l.parameter = %s AND {meant}"
            f" WHERE a.type = %s AND a.id IN ({placeholders(len(ids))})"
        )
        return sql, (link.type, link.name, *limits, type, *ids)

    def meant_by(self, type: str, parameter: str, ids: Sequence[str]) -> Iterator[str]:
        """Give `Type/id` of the definitions that some of a type name by a parameter (`*`: by any)."""
        for target, names in self.named_by_canonicals(type, parameter):
            meant, limits = meant_sql(target, self.visible)
            sql = (
                f"SELECT DISTINCT a.id FROM fhir_index l JOIN fhir_index a ON a.type = %s AND {meant}"
                f" WHERE l.type = %s AND l.parameter IN ({placeholders(len(names))})"
                f" AND l.id IN ({placeholders(len(ids))})"
            )
            yield from (f"{target}/{id}" for (id,) in rows_by_key(sql, (target, *limits, type, *names, *ids)))

    def named_by_canonicals(self, type: str, parameter: str) -> Iterator[tuple[str, list[str]]]:
        """Give the types that a type's parameter (`*`: any) may name by canonicals, with the names of those that do."""
        asked = self.parameters[type].values() if parameter == "*" else (self.parameters[type][parameter],)
        for target in self.parameters:
            of_target = [each for each in asked if target in (each.targets or (target,))]
            if names := [each.name for each in of_target if self.has_canonicals(each, target)]:
                yield target, names

    def has_canonicals(self, link: SearchParameter, target: str) -> bool:
        """Tell whether a reference parameter may name what is of a type by canonicals."""
        return holds_canonicals(link) and is_definition(self.parameters.get(target, {}))
