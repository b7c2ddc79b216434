"""Whom a document is about: one citizen and their course of care, or nobody, for what is about nobody all may see."""

from base64 import b64encode

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.outcome import RuleBroken
from kommunalpro.fut.modifier_roles import edited_by, owned_by
from kommunalpro.fut.packages.links import is_about_somebody
from kommunalpro.fut.profiles import materials
from kommunalpro.fut.profiles.materials import form_problems
from tests.refusals import refusal, refusal_codes
from tests.resources import document_reference, plan_definition, to
from tests.store.cast import BASE, stored
from tests.store.entries import post
from tests.unit.fut.definitions import editor

NO_PATIENT = ("DOCUMENTREFERENCE_SUBJECT_MANDATORY", "DocumentReference.subject")
NOT_ONE_COURSE = ("DOCUMENTREFERENCE_ENCOUNTER_MANDATORY", "DocumentReference.context.encounter")
A_PATIENT = ("DOCUMENTREFERENCE_SUBJECT_REFER_TO_PATIENT", "DocumentReference.subject")
A_COURSE = ("DOCUMENTREFERENCE_EPISODEOFCARE_CONTEXT_ENCOUNTER", "DocumentReference.context.encounter")


INSTRUCTIONS = {"coding": [{"system": "http://loinc.org", "code": "69730-0"}]}
NATIONAL = ehealth.profile("transformation-documentreference")


def material(*whose, category=None, **changes):
    """Material of the organisation, in one of FUT's categories; None: it is instructions of a plan."""
    coded = [{"coding": [{"system": ehealth.MATERIAL_CATEGORIES, "code": category}]}] if category else None
    return document_reference(
        *whose,
        type={"coding": [{"system": ehealth.DOCUMENT_TYPES, "code": "material"}]},
        extension=[owned_by(f"{BASE}/Organization/kommune")],
        **({"category": coded} if coded else {}),
        **changes,
    )


def told(document):
    return [(each.coding[1], each.expression) for each in form_problems(document)]


@pytest.mark.parametrize(
    "about",
    [
        {"subject": {"identifier": {"system": "urn:oid:1.2.208.176.1.2", "value": "x"}, "type": "Patient"}},
        {"subject": {"display": "Nancy"}},
        {"subject": to("Group/1")},
        {"context": {"sourcePatientInfo": to("Patient/nancy")}},
        {"context": {"encounter": [to("Encounter/1")]}},
        {"context": {"related": [to("Patient/nancy")]}},
        {"context": {"related": [to("EpisodeOfCare/nancys")]}},
        {"author": [to("Patient/nancy")]},
        {"contained": [{"resourceType": "Patient", "id": "a"}], "author": [to("#a")]},
    ],
)
def test_a_document_is_about_a_citizen_who_is_here_or_about_nobody(clinic, about):
    """What is about nobody is shown to everybody."""
    of_course = "encounter" in about.get("context", {})
    name = "DOCUMENTREFERENCE_EPISODEOFCARE_CONTEXT_ENCOUNTER" if of_course else "KPRO_DOCUMENTREFERENCE_SUBJECT"
    assert refusal_codes(lambda: clinic.create(document_reference() | about)) == [name]
    assert clinic.create(document_reference())["id"]
    assert clinic.create(document_reference("nancy", "nancys"))["id"]


CPR = {"system": ehealth.CPR, "value": "2512489996"}


@pytest.mark.parametrize(
    ("brought", "places"),
    [
        ({"context": {"related": [to("QuestionnaireResponse/1"), to("CarePlan/1")]}}, ["related[0]", "related[1]"]),
        ({"context": {"related": [{"type": "Observation", "display": "Vægt"}]}}, ["related[0]"]),
        ({"context": {"related": [{"type": "http://hl7.org/fhir/StructureDefinition/Media"}]}}, ["related[0]"]),
        ({"extension": [{"url": "https://x.example", "valueReference": to("Condition/1")}]}, ["valueReference"]),
        ({"contained": [{"resourceType": "QuestionnaireResponse", "id": "a"}]}, ["contained[0]"]),
        ({"contained": [{"resourceType": "Person", "id": "a", "identifier": [CPR]}]}, ["contained[0]"]),
        ({"contained": [{"resourceType": "Device", "id": "a", "patient": to("Patient/nancy")}]}, ["patient"]),
        ({"contained": [{"resourceType": "Practitioner", "id": "a", "identifier": [CPR]}]}, ["identifier[0]"]),
        ({"author": [{"identifier": CPR}]}, ["identifier"]),
        ({"identifier": [{"system": "urn:x", "value": "1"}, CPR]}, ["identifier[1]"]),
    ],
)
def test_what_is_for_all_brings_along_nothing_of_a_citizen(brought, places):
    """Neither their answers, nor what is planned for them, nor their number: it leaves with the plan it belongs to."""
    found = told(material() | brought)
    assert {name for name, _ in found} == {"KPRO_DOCUMENTREFERENCE_SUBJECT"}
    assert [path.rpartition(".")[2] for _, path in found] == places
    assert is_about_somebody(document_reference() | brought)


def text(content, encoding="latin-1", type="text/plain"):
    """One attachment with a text in it."""
    return [{"attachment": {"contentType": type, "data": b64encode(content.encode(encoding)).decode()}}]


SAYS = {"url": "https://kommune.example/om", "valueString": "Til 251248-9996"}
NOTE = {"resourceType": "Organization", "id": "a", "name": "Team Nord"}


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"description": "Øvelser til 251248-9996"}, "description"),
        ({"text": {"status": "generated", "div": "<div>251248 9996</div>"}}, "text.div"),
        (
            {"content": [{"attachment": {"title": "2512489996.pdf", "url": "https://x.example"}}]},
            "content[0].attachment.title",
        ),
        *(
            ({"content": text("Kære Nancy æøå, 251248-9996", encoding)}, "content[0].attachment.data")
            for encoding in ("utf-8", "latin-1", "utf-16", "utf-16-be", "utf-32")
        ),
        (
            {"content": [{"attachment": {"url": "https://x.example/251248-9996/plan"}}]},
            "content[0].attachment.url",
        ),
        ({"author": [{"display": "Nancy 25.12.48-9996"}]}, "author[0].display"),
        ({"type": INSTRUCTIONS | {"text": "Øvelser til 251248-9996"}}, "type.text"),
        ({"securityLabel": [{"text": "Kun 251248-9996"}]}, "securityLabel[0].text"),
        ({"masterIdentifier": {"value": "1", "type": {"text": "Sag 251248-9996"}}}, "masterIdentifier.type.text"),
        ({"meta": {"tag": [{"code": "a", "display": "251248-9996"}]}}, "meta.tag[0].display"),
        (
            {"extension": [owned_by(f"{BASE}/Organization/kommune"), SAYS], "contained": [NOTE], "author": [to("#a")]},
            "extension[1].valueString",
        ),
        ({"contained": [NOTE | {"name": "Team 251248-9996"}], "author": [to("#a")]}, "contained[0].name"),
    ],
)
def test_what_is_for_all_says_no_citizens_number_in_what_people_read_of_it(said, place):
    assert told(material(category="general-material") | said) == told(document_reference() | said)
    assert told(material() | said) == [("KPRO_DOCUMENTREFERENCE_SUBJECT", f"DocumentReference.{place}")]
    assert told(material("nancy", "nancys", category="patient-specific-material") | said) == []


def test_numbers_of_documents_and_what_is_no_text_are_let_be():
    for said in (
        {"description": "Vejledning 310248-9996, DOK2512489996"},
        {"content": text("251248-9996", type="image/png")},
        {"content": [{"attachment": {"url": "https://x.example/2512489996"}}]},
    ):
        assert not told(material() | said)
    assert not told(material() | {"content": [{"attachment": {"contentType": "text/plain", "data": "x"}}]})


def test_a_document_that_says_a_number_is_refused_and_the_refusal_does_not_repeat_it(clinic):
    before = stored()
    with pytest.raises(RuleBroken) as wrong:
        clinic.create(material(category="general-material", description="Til 251248-9996"))
    assert "251248" not in "".join(f"{each.text}{each.diagnostics}" for each in wrong.value.issues)
    assert stored() == before


NOT_THEIRS, OF_OWNER = "KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT", "KPRO_MODIFIER_ROLE_OF_OWNER"
OWN, WITH = owned_by(f"{BASE}/Organization/kommune"), edited_by(f"{BASE}/Organization/region")
THEIRS = owned_by(f"{BASE}/Organization/region")
NOWHERE = edited_by(f"{BASE}/Organization/findes-ikke")


@pytest.mark.parametrize("category", ["general-material", None])
def test_who_may_change_material_is_decided_by_its_owner_alone(clinic, category):
    """A co-author writes in it and takes it over no more than a plan."""
    made = clinic.create(material(category=category) | {"extension": [OWN, WITH]}, by=editor())
    made = clinic.update(made | {"description": "Fælles"}, by=editor("region"))
    for roles in ([THEIRS], [OWN], [THEIRS, edited_by(f"{BASE}/Organization/kommune")]):
        taken = made | {"extension": roles}
        assert refusal_codes(lambda taken=taken: clinic.update(taken, by=editor("region"))) == [OF_OWNER]
    for roles, code in (
        ([OWN, NOWHERE], "GENERAL_RESOURCE_NOT_FOUND"),
        ([OWN, WITH, WITH], "GENERAL_VALIDATION_ERROR"),
    ):
        wrong = made | {"extension": roles}
        assert refusal_codes(lambda wrong=wrong: clinic.update(wrong, by=editor())) == [code]
    without = {name: each for name, each in made.items() if name != "extension"}
    for nobodys in (without, made | {"extension": [WITH]}):
        refused = refusal_codes(lambda nobodys=nobodys: clinic.update(nobodys, by=editor()))
        assert refused == ["DOCUMENTREFERENCE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY"]
    assert clinic.update(made | {"extension": [THEIRS]}, by=editor())["extension"] == [THEIRS]


def test_what_is_for_all_and_nobodys_is_changed_by_a_system_alone(clinic):
    """Else whoever came first would own what every citizen reads."""
    unowned = {name: each for name, each in material().items() if name != "extension"}
    made = clinic.create(unowned, by=editor())
    for change in ({"description": "Andet"}, {"extension": [OWN]}):
        assert refusal_codes(lambda change=change: clinic.update(made | change, by=editor())) == [NOT_THEIRS]
    assert clinic.update(made | {"extension": [OWN]})["extension"] == [OWN]


def test_what_is_for_all_may_name_who_made_it_and_what_it_belongs_to():
    device = {"resourceType": "Device", "id": "a", "identifier": [{"system": "urn:x", "value": "1"}]}
    related = [to("Questionnaire/1"), to("DocumentReference/1"), {"type": "Organization", "display": "Aarhus"}]
    made_by = [to("#a"), to("Practitioner/lis"), to("https://fhir.example/fhir/Organization/1")]
    assert not told(material(contained=[device], author=made_by, context={"related": related}))


def test_a_document_of_a_course_of_care_names_its_citizen(clinic):
    found = refusal_codes(lambda: clinic.create(document_reference(episode="nancys")))
    assert "DOCUMENTREFERENCE_EPISODEOFCARE_CONTEXT_ENCOUNTER" in found


@pytest.mark.parametrize("category", ["general-material", None])
def test_material_for_all_is_about_no_citizen(clinic, category):
    """In a plan it would show them to whoever gets the plan."""
    assert told(material("nancy", category=category)) == [A_PATIENT]
    assert told(material("nancy", "nancys", category=category)) == [A_PATIENT, A_COURSE]
    if category:
        assert told(material("nancy", category=category) | {"type": INSTRUCTIONS}) == [A_PATIENT]
    before = stored()
    assert refusal_codes(lambda: clinic.create(material("nancy", category=category))) == [A_PATIENT[0]]
    assert stored() == before
    assert clinic.create(material(category=category))["id"]


def test_of_very_many_who_are_brought_along_each_is_looked_at_alone(monkeypatch):
    """Whatever stands within what is told is not told by itself."""
    looked_at, around = [], materials._around
    monkeypatch.setattr(materials, "_around", lambda path: [looked_at.append(each) or each for each in around(path)])
    people = [{"resourceType": "Person", "id": f"a{number}", "identifier": [CPR]} for number in range(300)]
    found = told(material() | {"contained": people})
    assert found == [(ABOUT, f"DocumentReference.contained[{number}]") for number in range(300)]
    assert len(looked_at) < 20 * 300


ABOUT = "KPRO_DOCUMENTREFERENCE_SUBJECT"


def test_what_is_for_all_names_no_document_that_is_a_citizens(clinic):
    """Everybody could read the name of it, and a package would take it along."""
    clinic.create(material("nancy", "nancys", category="patient-specific-material"), id="nancys")
    clinic.create(material(), id="til-alle")
    for named, may in (("til-alle", True), ("nancys", False), ("findes-ikke", False)):
        related = material(relatesTo=[{"code": "replaces", "target": to(f"DocumentReference/{named}")}])
        if may:
            assert clinic.create(related)["id"]
        else:
            with pytest.raises(RuleBroken) as refused:
                clinic.create(related)
            [issue] = refused.value.issues
            assert (issue.coding[1], issue.expression) == (ABOUT, "DocumentReference.relatesTo[0].target")
            assert issue.text == "Materiale til alle kan kun henvise til dokumenter, der findes her og er til alle."


def test_what_replaced_a_document_that_is_deleted_since_goes_on(clinic):
    """It can be superseded in its turn, and no more than it named already is let be."""
    clinic.create(material(), id="foerste")
    related = material(relatesTo=[{"code": "replaces", "target": to("DocumentReference/foerste")}])
    made = clinic.create(related)
    clinic.delete("DocumentReference", "foerste")
    superseded = clinic.update(made | {"status": "superseded"})
    assert superseded["status"] == "superseded"
    both = [*made["relatesTo"], {"code": "appends", "target": to("DocumentReference/foerste")}]
    assert clinic.update(superseded | {"relatesTo": both[1:]})["id"], "another word for the same"
    gone = [{"code": "appends", "target": to("DocumentReference/findes-ikke")}]
    assert refusal_codes(lambda: clinic.update(superseded | {"relatesTo": [*both, *gone]})) == [ABOUT]
    assert refusal_codes(lambda: clinic.create(related)) == [ABOUT], "nobody else is let to"


def test_of_two_that_name_each_other_it_is_told_how_they_come_to(clinic):
    names = [f"urn:uuid:6e2f0a35-0000-4000-8000-00000000000{number}" for number in (1, 2)]
    both = [
        post(material(relatesTo=[{"code": "appends", "target": {"reference": other}}]), own)
        for own, other in zip(names, names[::-1], strict=True)
    ]
    with pytest.raises(RuleBroken) as refused:
        clinic.transact(*both)
    assert "let it be named by an update" in refused.value.issues[0].diagnostics


@pytest.mark.parametrize("turn", [1, -1], ids=["the named one first", "the naming one first"])
def test_of_what_is_sent_together_it_does_not_matter_which_stands_first(clinic, turn):
    """R4: the order of a transaction's entries is nothing; each of these is refused if what it names is not here."""
    replaced, follower, plan = (f"urn:uuid:{number}1111111-1111-4111-8111-111111111111" for number in range(3))
    following = material(relatesTo=[{"code": "replaces", "target": to(replaced)}])
    read = {"type": "documentation", "resource": follower}
    sent = (
        post(material(), replaced),
        post(following, follower),
        post(plan_definition(f"{BASE}/ActivityDefinition/1", relatedArtifact=[read]), plan),
    )
    made = [each["resource"] for each in clinic.transact(*sent[::turn])["entry"]][::turn]
    assert made[1]["relatesTo"][0]["target"]["reference"] == f"{BASE}/DocumentReference/{made[0]['id']}"
    assert made[2]["relatedArtifact"][0]["resource"] == f"{BASE}/DocumentReference/{made[1]['id']}"


def test_no_plan_names_what_is_one_citizens_alone_not_even_a_draft(clinic):
    """A plan goes to everybody, and into packages."""
    own = clinic.create(material("nancy", "nancys", category="patient-specific-material"), id="hendes")
    read = {"type": "documentation", "resource": f"{BASE}/DocumentReference/{own['id']}"}
    made = plan_definition(f"{BASE}/ActivityDefinition/1", relatedArtifact=[read])
    assert refusal_codes(lambda: clinic.create(made)) == ["KPRO_DOCUMENTREFERENCE_SUBJECT"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://example.org/a"]
)
def test_an_address_is_one_of_the_web(clinic, url):
    """Whoever reads the material presses it."""
    made = material()
    made["content"] = [{"attachment": {"contentType": "text/html", "url": url}}]
    assert refusal_codes(lambda: clinic.create(made)) == ["KPRO_MATERIAL_ADDRESS"]


def test_material_for_one_citizen_says_for_whom_and_in_which_course_of_care(clinic):
    category = "patient-specific-material"
    assert told(material(category=category)) == [NO_PATIENT, NOT_ONE_COURSE]
    assert told(material(category=category, subject=to("Group/1"))) == [NO_PATIENT, NOT_ONE_COURSE]
    assert told(material("nancy", category=category)) == [NOT_ONE_COURSE]
    assert told(material(None, "nancys", category=category)) == [NO_PATIENT]
    one = to("EpisodeOfCare/nancys")
    for encounter in ([one, one], [one, {"display": "Et andet"}], [to("Encounter/1")]):
        assert told(material("nancy", category=category, context={"encounter": encounter})) == [NOT_ONE_COURSE]
    made = clinic.create(material("nancy", "nancys", category=category))
    theirs = material("tjoern", "nancys", category=category)
    assert refusal_codes(lambda: clinic.create(theirs)) == ["KPRO_PATIENT_NOT_OF_EPISODEOFCARE"]
    without = {name: each for name, each in made.items() if name != "context"}
    assert refusal_codes(lambda: clinic.update(without)) == [NOT_ONE_COURSE[0]]


CATEGORY = ("GENERAL_VALIDATION_ERROR", "DocumentReference.category")


@pytest.mark.parametrize(
    "categories",
    [
        [{"coding": [{"system": ehealth.MATERIAL_CATEGORIES, "code": "secret-material"}]}],
        [{"coding": [{"system": "http://example.org/category", "code": "general-material"}]}],
        [{"text": "Materiale til alle"}],
        [{"coding": [{"system": ehealth.MATERIAL_CATEGORIES, "code": "general-material"}]}] * 2,
    ],
    ids=["a code that is none", "of another system", "words", "two"],
)
def test_a_category_is_one_of_the_guides(categories):
    made = material() | {"category": categories}
    assert told(made) == [CATEGORY]
    assert told(made | {"meta": {"profile": [NATIONAL]}}) == [], "of what is shared nationally others decide"


@pytest.mark.parametrize(
    "type",
    [
        {"coding": [{"system": ehealth.DOCUMENT_TYPES, "code": "leaflet"}]},
        {"coding": [{"system": "http://loinc.org", "code": "74468-0"}]},
        {"text": "Instruktion"},
    ],
    ids=["a code that is none", "a questionnaire of the national sharing", "words"],
)
def test_a_type_is_one_of_the_guides(clinic, type):
    made = document_reference(type=type)
    wrong = [("GENERAL_VALIDATION_ERROR", "DocumentReference.type")]
    before = stored()
    assert refusal(lambda: clinic.create(made)) == wrong
    assert stored() == before
    assert told(made | {"meta": {"profile": [NATIONAL]}}) == [], "what is shared nationally says so by its profile"
    assert told(document_reference(type=INSTRUCTIONS)) == told(document_reference()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, "general-material"), ("general-material", None), ("general-material", "patient-specific-material")],
)
def test_a_category_is_for_ever(clinic, before, after):
    """Whoever got it as the one would find the other."""
    made = clinic.create(material(category=before))
    changed = {name: each for name, each in made.items() if name != "category"}
    if after:
        changed["category"] = material(category=after)["category"]
    assert CATEGORY in refusal(lambda: clinic.update(changed))
    assert clinic.update(made | {"description": "Sov godt"})["description"] == "Sov godt"
