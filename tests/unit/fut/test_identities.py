"""What makes versions one definition: its number, its base and where it comes from; one draft of a base at a time."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.extension import extension
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.contexts import SYSTEM
from tests.resources import owned_by, questionnaire
from tests.store.cast import NOW
from tests.unit.fut.definitions import becomes, codes, editor


def test_a_new_definition_gets_an_identity_that_its_versions_share(draft):
    base = extension(draft, ehealth.BASE)["valueIdentifier"]
    assert base["value"].startswith("urn:uuid:")
    assert draft["identifier"] == [{"system": ehealth.UUID, "value": base["value"]}]
    assert extension(draft, ehealth.BASE_ENVIRONMENT)["valueIdentifier"]["value"] == "fhir.example"


def test_a_new_version_keeps_the_base_it_brings(store, draft):
    base = extension(draft, ehealth.BASE)
    becomes(store, draft, "active")
    second = store.create(questionnaire(extension=[*questionnaire()["extension"], base], version="2.0"), by=editor())
    assert extension(second, ehealth.BASE) == base


def in_family(definition, organization="kommune", **changes):
    """A draft that says it is a version of what a definition is a version of."""
    made = questionnaire(organization, **changes)
    return made | {"extension": [*made["extension"], extension(definition, ehealth.BASE)]}


@pytest.mark.parametrize("url", [ehealth.BASE, ehealth.BASE_ENVIRONMENT, ehealth.PREDECESSOR])
@pytest.mark.parametrize(
    "value", [{"valueString": "min"}, {"valueQuantity": {"value": 1}}, {"valueIdentifier": {"system": "x"}}]
)
def test_an_identity_that_cannot_be_read_is_refused(store, draft, url, value):
    becomes(store, draft, "active")
    for status in ("draft", "active"):
        made = questionnaire(status=status)
        with pytest.raises(RuleBroken) as refused:
            store.create(made | {"extension": [*made["extension"], {"url": url, **value}]}, by=editor())
        assert codes(refused) == ["GENERAL_VALIDATION_ERROR"]


def test_what_a_draft_leaves_out_of_its_identity_it_keeps(store, draft):
    """Without its base a clone of it would begin another, and a second draft of the same be let in."""
    bare = {name: each for name, each in draft.items() if name != "identifier"}
    bare["extension"] = [each for each in draft["extension"] if "ehealth-base" not in each["url"]]
    kept = store.update(bare | {"title": "Uden"}, by=editor())
    assert (kept["title"], kept["identifier"]) == ("Uden", draft["identifier"])
    for url in (ehealth.BASE, ehealth.BASE_ENVIRONMENT):
        assert extension(kept, url) == extension(draft, url)
    with pytest.raises(RuleBroken) as refused:
        store.create(in_family(draft), by=editor())
    assert codes(refused) == ["VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"]


@pytest.mark.parametrize("url", [ehealth.BASE, ehealth.BASE_ENVIRONMENT])
def test_a_draft_does_not_become_a_version_of_something_else(store, draft, url):
    others = [each for each in draft["extension"] if each["url"] != url]
    another = {"url": url, "valueIdentifier": {"system": ehealth.UUID, "value": "urn:uuid:0"}}
    for by in (editor(), SYSTEM):
        with pytest.raises(RuleBroken) as refused:
            store.update(draft | {"extension": [*others, another]}, by=by)
        assert codes(refused) == ["KPRO_IDENTITY_IMMUTABLE"]
    with pytest.raises(RuleBroken) as refused:
        store.update(draft | {"identifier": [{"system": ehealth.UUID, "value": "urn:uuid:0"}]}, by=editor())
    assert codes(refused) == ["KPRO_IDENTITY_IMMUTABLE"]


def test_nobody_begins_in_another_s_family_which_would_keep_its_owner_from_a_new_version(clinic):
    draft = clinic.create(questionnaire(), by=editor())
    becomes(clinic, draft, "active")
    shared = in_family(draft)
    shared["extension"].append(owned_by("region", role="co-author"))
    for stranger in (in_family(draft, "region"), shared):
        with pytest.raises(RuleBroken) as refused:
            clinic.create(stranger, by=editor("region"))
        assert codes(refused) == ["KPRO_IDENTITY_OF_ANOTHER"]
    assert clinic.create(in_family(draft, version="2.0"), by=editor())["version"] == "2.0"


def test_a_stranger_s_draft_from_before_keeps_no_owner_from_a_new_version(store, draft):
    becomes(store, draft, "active")
    strange = store.create(in_family(draft, "region"))
    assert extension(strange, ehealth.BASE) == extension(draft, ehealth.BASE)
    assert store.create(in_family(draft, version="2.0"), by=editor())["status"] == "draft"


def test_no_definition_bears_another_s_number(store, draft):
    with pytest.raises(RuleBroken) as refused:
        store.create(questionnaire("region", identifier=draft["identifier"]), by=editor("region"))
    assert codes(refused) == ["KPRO_IDENTITY_OF_ANOTHER"]
    foreign = [{"system": ehealth.UUID, "value": "urn:uuid:7"}]
    made = store.create(questionnaire("region", identifier=foreign), by=editor("region"))
    assert made["identifier"] == foreign, "as a package brings it from elsewhere"
    both = [*made["identifier"], *draft["identifier"]]
    with pytest.raises(RuleBroken) as refused:
        store.update(made | {"identifier": both}, by=editor("region"))
    assert codes(refused) == ["KPRO_IDENTITY_OF_ANOTHER"]


def test_when_it_was_published_is_the_server_s_to_say(store):
    long_ago, today = "1999-01-01", NOW.date().isoformat()
    draft = store.create(questionnaire(approvalDate=long_ago), by=editor())
    assert "approvalDate" not in draft
    published = becomes(store, draft, "active", approvalDate=long_ago)
    assert published["approvalDate"] == today
    assert store.create(questionnaire(status="active", approvalDate=long_ago), by=editor())["approvalDate"] == today
    with pytest.raises(RuleBroken) as refused:
        becomes(store, published, "retired", approvalDate=long_ago)
    assert codes(refused) == ["QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS"]
    without = {name: each for name, each in published.items() if name != "approvalDate"}
    assert becomes(store, without, "retired")["approvalDate"] == today


def test_of_one_base_there_is_one_draft_at_a_time(store, draft):
    base = extension(draft, ehealth.BASE)
    with pytest.raises(RuleBroken) as refused:
        store.create(questionnaire(extension=[*questionnaire()["extension"], base]), by=editor())
    assert codes(refused) == ["VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED"]
    assert store.update(draft | {"title": "Den samme"}, by=editor())["title"] == "Den samme"


def test_a_base_with_a_comma_in_its_name_is_one_base(store, draft):
    base = extension(draft, ehealth.BASE)
    both = {**base, "valueIdentifier": {**base["valueIdentifier"], "value": f"{base['valueIdentifier']['value']},x"}}
    assert store.create(questionnaire(extension=[*questionnaire()["extension"], both]), by=editor())["id"]
