"""The embedded FHIR server: what it is made of, and the unit of work that every request runs in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from django.db import transaction

from kommunalpro.fhir.json import Json
from kommunalpro.fhir.outcome import FhirError
from kommunalpro.fhirserver.access import Access, Request
from kommunalpro.fhirserver.audit import write_refusal
from kommunalpro.fhirserver.database import BeginAnew
from kommunalpro.fhirserver.export.place import Place
from kommunalpro.fhirserver.offers import Offers
from kommunalpro.fhirserver.pages import Pages
from kommunalpro.fhirserver.principal import Principal
from kommunalpro.fhirserver.protocols import AuditShape, OperationDefinition, Rules, SearchParameter
from kommunalpro.fhirserver.search.canonicals import is_definition, name_rows
from kommunalpro.fhirserver.search.indexing import Indexer
from kommunalpro.fhirserver.search.parameters import by_type
from kommunalpro.fhirserver.search.query import QueryReader
from kommunalpro.fhirserver.search.searchable import Searchable
from kommunalpro.fhirserver.seeing import confirm
from kommunalpro.fhirserver.session import Session
from kommunalpro.fhirserver.shared_commit import SharedCommit
from kommunalpro.fhirserver.trail import Trail
from kommunalpro.fhirserver.writer import IndexRow

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Server:
    """Wired once by `config`. `base_url` is the identity of everything stored; `audit_key` seals the audit log.

    `exports` is where bulk exports are written; None: they are not offered. `offers`: what is a setting. `reads` writes
    the AuditEvents of reads.
    """

    base_url: str
    rules: Rules
    access: Access
    audit_shape: AuditShape
    operations: Mapping[str, tuple[OperationDefinition, ...]]
    audit_key: bytes = field(repr=False)
    exports: Place | None = None
    offers: Offers = field(default_factory=Offers)
    commits: SharedCommit = field(default_factory=SharedCommit, repr=False, compare=False)

    @cached_property
    def parameters(self) -> Mapping[str, Mapping[str, SearchParameter]]:
        """The search parameters of each served type, by name."""
        return by_type(self.rules.types, self.rules.search_parameters)

    @cached_property
    def _indexers(self) -> Mapping[str, Indexer]:
        return {type: Indexer(many.values(), self.base_url) for type, many in self.parameters.items()}

    def index_rows(self, resource: Json, most: int | None = None) -> tuple[IndexRow, ...]:
        """Give the index rows of a resource of a served type: by its search parameters, and what the rules add.

        Of a definition its names are with them.

        Raises:
            Unprocessable: there are more than `most`.
        """
        type, extra = resource["resourceType"], self.rules.extra_index(resource, self.base_url)
        names = name_rows(resource, self.base_url) if is_definition(self.parameters[type]) else ()
        return self._indexers[type].rows(resource, (*extra, *names), most)

    def tries(self, name: str) -> bool:
        """Tell whether an operation, offered wherever, is tried as one that only creates."""
        return any(each.only_creates for each in self.operations.get(name, ()))

    @cached_property
    def pages(self) -> Pages:
        """Writes and reads what stands in the links to a search's next page."""
        return Pages.of(self.audit_key)

    @cached_property
    def queries(self) -> QueryReader:
        """Reads the queries that are made in here: by all of those parameters."""
        return self._reading(Searchable(dict.fromkeys(self.rules.types)))

    def _reading(self, searchable: Searchable) -> QueryReader:
        return QueryReader(self.parameters, self.base_url, searchable, self.rules)

    @cached_property
    def searchable(self) -> Searchable:
        """What clients may search by."""
        return Searchable({type: self.rules.searches(type) for type in self.rules.types})

    @contextmanager
    def session(
        self,
        principal: Principal,
        *,
        now: datetime,
        trace_id: str = "",
        only_reads: bool = False,
        only_creates: bool = False,
        presumes: bool = False,
        has_token: bool = False,
        searchable: Searchable | None = None,
        expected: Request | None = None,
    ) -> Iterator[Session]:
        """Open one unit of work: one user request, one database transaction.

        On leaving, the AuditEvents are written and everything commits together. On a FhirError everything is rolled
        back, and a refusal leaves an AuditEvent of its own. Inside an outer transaction it is a savepoint of it.

        What `only_reads` is in a transaction for its AuditEvents alone: each statement sees what is committed either
        way, PostgreSQL is spared two of four round trips, and on SQLite readers do not wait for the one writer. What
        `only_creates` may read and create; what it created is written with its AuditEvents, which is the transaction
        (docs/adr/0028). Whether it wants more than that, `run` need not know beforehand. What a reading `presumes`, the
        statement that writes its AuditEvents looks at; nobody is told anything before (docs/adr/0030).

        `has_token`: the context comes from outside, and is held against what is here. Pages make theirs here.
        `searchable`: what may be searched by, where that is less than all. `expected`: what an address asks for, which
        the log says of what is refused before it is asked.
        """
        session = Session(
            self,
            principal,
            now,
            trace_id,
            Trail(expected),
            only_reads=only_reads,
            only_creates=only_creates,
            presumes=presumes and only_reads,
            has_token=has_token,
            queries=self._reading(searchable) if searchable else self.queries,
        )
        is_by_itself = only_creates and not transaction.get_connection().in_atomic_block
        try:
            with nullcontext() if only_reads or is_by_itself else transaction.atomic():
                yield session
                session.finish()
        except FhirError as wrong:
            confirm(session)
            write_refusal(session, wrong)
            raise


def run(
    work: Callable[[Session], _Result],
    begin: Callable[..., AbstractContextManager[Session]],
    *,
    only_creates: bool = False,
    presumes: bool = False,
) -> _Result:
    """Do something in one unit of work, and give what it gives. `begin` is `Server.session` with what else it takes.

    What was thought to do no more than to create is begun anew where it wants more, and what read by what it presumed
    where that is not so: nothing of it is written then. So `work` may be called twice.
    """
    if only_creates or presumes:
        try:
            with begin(only_creates=only_creates, presumes=presumes) as session:
                return work(session)
        except BeginAnew:
            pass
    with begin() as session:
        return work(session)
