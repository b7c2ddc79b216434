"""Real submissions: *Hverdagen med kronisk sygdom*, sent to citizens and answered through the gateway."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from django.conf import settings

from kommunalpro.care import drafts
from kommunalpro.care.due import due_for
from kommunalpro.care.measurement import measurement_bundle
from kommunalpro.care.models import Draft
from kommunalpro.config.demo.answers import poles
from kommunalpro.config.demo.citizens import demo_citizens
from kommunalpro.fhirserver.facts import record_base_url
from kommunalpro.fut.gateway import Gateway, Principal
from kommunalpro.identity.keys import make_keys
from tests.databases import default_database, migrated_template
from tests.people import Citizen
from tests.unit.care.world import MONDAY, World, make_world

CITIZENS = 12
"""Who take turns: no row is in the cache only because the same citizen was there just before."""


@dataclass(frozen=True)
class Submitter:
    """A citizen with a completed questionnaire to hand in, as often as it is wanted."""

    gateway: Gateway
    principal: Principal
    measurement: dict[str, Any]

    def submit(self, now: datetime) -> dict[str, Any]:
        """Hand it in, as new."""
        (parameter,) = self.measurement["parameter"]
        (entry,) = parameter["resource"]["entry"]
        bundle = {**parameter["resource"], "entry": [{**entry, "fullUrl": f"urn:uuid:{uuid4()}"}]}
        parameters = {**self.measurement, "parameter": [{**parameter, "resource": bundle}]}
        return self.gateway.operation("$submit-measurement", parameters, by=self.principal, now=now)


@contextmanager
def worlds(engine: str) -> Iterator[World]:
    """Make a database with the demo's teams and a published questionnaire; gone afterwards."""
    make_keys(settings.KEYS_DIRECTORY)
    with (
        TemporaryDirectory(prefix="kommunalpro-bench-") as directory,
        migrated_template(engine, Path(directory)) as template,
        template.copy() as url,
        default_database(url),
    ):
        record_base_url(settings.FHIR_BASE_URL)
        yield make_world()


def submitters(world: World) -> Iterator[Submitter]:
    """Give citizens who have answered and not handed in yet."""
    answers = poles()[0]
    for each in list(demo_citizens())[:CITIZENS]:
        enrolled = world.enrol(Citizen(str(each.number), each.given, each.family, each.cpr))
        enrolled.gets()
        now = MONDAY + timedelta(hours=1)
        due = due_for(world.gateway, enrolled.patient, by=enrolled.self, now=now)[0]
        draft = drafts.open_draft(world.gateway, due, by=enrolled.self, now=now)
        drafts.save_answers(world.gateway, draft.id, answers, by=enrolled.self, now=now)
        row = Draft.objects.get(pk=draft.id)
        given = row.as_answers()
        assert len(given) == 34, "every question that these answers open is answered"
        measurement = measurement_bundle(row, draft.definition.form, given, source=enrolled.patient)
        yield Submitter(world.gateway, enrolled.self.within(episode_of_care=enrolled.episode), measurement)
