"""Which codes a value set has, and whether it has one: no list is shorter than it is, and no `no` is a guess."""

import pytest

from kommunalpro.fhir import ehealth
from kommunalpro.fhir.json import loads
from kommunalpro.fut.at_hand import OWN_TAG, TREATMENT_AREAS, _guide, of_guide
from kommunalpro.fut.concepts import read_system
from kommunalpro.fut.terminology import DEEPEST, MOST_PARTS, CannotTell, Terminology
from tests.unit.guide import GUIDE, needs_guide

BODY, PAIN = "urn:body", "urn:pain"
KL = "http://kl.dk/fhir/common/caresocial/"


def heading(code, *below):
    return {"code": code, "property": [{"code": "notSelectable", "valueBoolean": True}], "concept": list(below)}


def system(url=BODY, *concepts, **changes):
    made = {"resourceType": "CodeSystem", "url": url, "version": "2", "status": "active", "content": "complete"}
    return made | {"concept": list(concepts)} | changes


RETIRED = {"code": "ryg", "display": "Ryggen", "property": [{"code": "inactive", "valueBoolean": True}]}
KNEE = {"code": "knæ", "display": "Knæet", "designation": [{"language": "en-GB", "value": "The knee"}]}
WHOLE = system(BODY, heading("ben", KNEE, {"code": "fod"}), RETIRED, hierarchyMeaning="is-a")


def value_set(*includes, url="urn:vs", **changes):
    compose = {"include": list(includes), **changes}
    return {"resourceType": "ValueSet", "url": url, "status": "active", "compose": compose}


def listing(*codes, of=PAIN):
    return {"system": of, "concept": [{"code": code} for code in codes]}


def at_hand(*resources):
    known = {(each["resourceType"], each["url"]): each for each in (WHOLE, *resources)}
    return Terminology(lambda *key: known.get(key))


def codes(asked, *resources):
    return [code for _, code in at_hand(*resources).expand(asked)]


def has(asked, code, *resources, of=BODY):
    return at_hand(*resources).member(asked, of, code) is not None


def kind_of(*kinds, of=BODY):
    return {"system": of, "filter": [{"property": "concept", "op": "is-a", "value": each} for each in kinds]}


ALL, OWN = {"system": BODY}, "http://ehealth.sundhed.dk/vs/x"
CASES = [
    ("a whole system, headings with it", value_set(ALL), ["ben", "knæ", "fod", "ryg"]),
    ("what is listed, in its order", value_set(listing("b", "a")), ["b", "a"]),
    ("each only once", value_set(listing("knæ", of=BODY), ALL), ["knæ", "ben", "fod", "ryg"]),
    ("less what is excluded", value_set(ALL, exclude=[listing("ben", "ryg", of=BODY)]), ["knæ", "fod"]),
    ("less a whole system, which need not be here", value_set(ALL, listing("a"), exclude=[{"system": PAIN}]),
     ["ben", "knæ", "fod", "ryg"]),
    ("less what is out of use", value_set(ALL, inactive=False), ["ben", "knæ", "fod"]),
    ("what another value set has", value_set({"valueSet": ["urn:legs"]}), ["knæ", "fod"]),
    ("what either has, as FUT uses it", value_set({"valueSet": ["urn:feet", "urn:legs"]}, url=OWN), ["fod", "knæ"]),
    ("what two that are alike have", value_set({"valueSet": ["urn:feet", "urn:foot"]}), ["fod"]),
    ("of a system what another has", value_set({"system": BODY, "valueSet": ["urn:feet"]}), ["fod"]),
    ("of a system of kinds a code with what is a kind of it", value_set(kind_of("ben")), ["ben", "knæ", "fod"]),
    ("no more than the code that has no kinds", value_set(kind_of("fod")), ["fod"]),
    ("what is of every kind that is asked for", value_set(kind_of("ben", "fod")), ["fod"]),
    ("nothing of a kind that there is not", value_set(kind_of("hoved"), listing("a")), ["a"]),
    ("less a kind", value_set(ALL, exclude=[kind_of("ben")]), ["ryg"]),
]  # fmt: skip
OTHERS = (
    value_set(listing("knæ", "fod", of=BODY), url="urn:legs"),
    value_set(listing("fod", of=BODY), url="urn:feet"),
    value_set(listing("fod", of=BODY), url="urn:foot"),
)


@pytest.mark.parametrize(("asked", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_value_set_has(asked, expected):
    assert codes(asked, *OTHERS) == expected
    every = [(BODY, code) for code in ("ben", "knæ", "fod", "ryg")] + [(PAIN, "a"), (PAIN, "b")]
    found = [code for of, code in every if has(asked, code, *OTHERS, of=of)]
    assert sorted(found) == sorted(expected), "one code at a time it has the same ones"


def test_a_code_that_its_whole_system_has_not_is_in_no_value_set():
    """Whoever lists it has misspelt it; of a system that is here in part, or not, nobody knows better."""
    misspelt = value_set(listing("knæ", "kne", of=BODY), listing("a", "z"))
    assert codes(misspelt) == ["knæ", "a", "z"]
    assert codes(misspelt, *PART) == ["knæ", "a", "z"]
    assert (has(misspelt, "kne"), has(misspelt, "knæ"), has(misspelt, "z", *PART, of=PAIN)) == (False, True, True)


def test_what_a_code_system_says_goes_along_and_the_value_sets_own_words_before_it():
    chosen = {"system": BODY, "concept": [{"code": "knæ", "display": "Det ene knæ"}, {"code": "fod"}]}
    knee, foot = at_hand().expand(value_set(chosen)).values()
    assert (knee.display, knee.display_in("en"), knee.parent, knee.version) == ("Det ene knæ", "The knee", "ben", "2")
    assert [knee.is_called(each) for each in ("det ENE  knæ", "Knæet", "the knee", "Foden")] == [
        True,
        True,
        True,
        False,
    ]
    assert foot.is_called("Foden") is None, "nobody says what it is called"


# --- What cannot be told

ELSEWHERE = {"system": "urn:elsewhere"}
FILTER = {"system": BODY, "filter": [{"property": "concept", "op": "is-not-a", "value": "ben"}]}
UNTOLD = [
    (value_set(ELSEWHERE), "CodeSystem urn:elsewhere is not here"),
    (value_set({"system": BODY, "version": "1"}), r"CodeSystem urn:body\|1 is not here"),
    (value_set(FILTER), "Filter on urn:body: concept is-not-a ben"),
    (value_set(kind_of("a", of="urn:grouped")), "Filter on urn:grouped: concept is-a a"),
    (value_set(kind_of("a", of="urn:crossed")), "Filter on urn:crossed: concept is-a a"),
    (value_set(kind_of("b", of="urn:twice")), "Filter on urn:twice: concept is-a b"),
    (value_set(kind_of("a", of=PAIN)), "CodeSystem urn:pain is here only in part"),
    (value_set({"valueSet": ["urn:nowhere"]}), "ValueSet urn:nowhere is not here"),
    (value_set({"system": PAIN}), "CodeSystem urn:pain is here only in part"),
    (value_set({"system": "urn:more"}), "CodeSystem urn:more is not here"),
    (value_set({"valueSet": ["urn:ring"]}), "ValueSet urn:ring names itself"),
    (value_set(ALL, exclude=[FILTER]), "Filter on urn:body"),
    (value_set({"valueSet": ["urn:legs", "urn:feet"]}), "both union and intersection of urn:legs, urn:feet"),
    ({"resourceType": "ValueSet", "url": "urn:x", "status": "active"}, "ValueSet urn:x has no compose"),
    (value_set(ALL | {"modifierExtension": [{"url": "urn:not"}]}), "rules that are not known here"),
    (value_set(listing() | {"concept": [{"code": "a", "modifierExtension": [{}]}]}), "rules that are not known here"),
]
PART = (
    system(PAIN, {"code": "a"}, {"code": "c"}, content="fragment", hierarchyMeaning="is-a"),
    system("urn:twice", {"code": "a", "concept": [{"code": "b", "concept": [{"code": "a"}]}]}, hierarchyMeaning="is-a"),
    system("urn:grouped", {"code": "a"}, hierarchyMeaning="grouped-by"),
    system("urn:crossed", {"code": "a"}, hierarchyMeaning="is-a", property=[{"code": "parent", "type": "code"}]),
    system("urn:more", {"code": "a"}, content="supplement", supplements=BODY),
    value_set({"valueSet": ["urn:ring"]}, url="urn:ring"),
)


@pytest.mark.parametrize(("asked", "problem"), UNTOLD, ids=[each[1] for each in UNTOLD])
def test_what_cannot_be_told_whole_is_refused_by_name_and_never_told_in_part(asked, problem):
    with pytest.raises(CannotTell, match=problem):
        codes(asked, *PART, *OTHERS)


@pytest.mark.parametrize(
    ("asked", "of", "code", "expected"),
    [
        (value_set(ELSEWHERE, ALL), BODY, "knæ", True),
        (value_set(ELSEWHERE), BODY, "knæ", False),
        (value_set(FILTER), PAIN, "a", False),
        (value_set(FILTER, listing("knæ", of=BODY)), BODY, "knæ", True),
        (value_set({"system": PAIN}), PAIN, "a", True),
        (value_set(kind_of("a", of=PAIN)), PAIN, "a", True),
        (value_set({"valueSet": ["urn:nowhere"]}, ALL), BODY, "knæ", True),
        (value_set({"valueSet": ["urn:nowhere", "urn:legs"]}, url=OWN), BODY, "knæ", True),
        (value_set({"valueSet": ["urn:feet", "urn:legs"]}), BODY, "fod", True),
        (value_set({"valueSet": ["urn:feet", "urn:legs"]}), BODY, "ryg", False),
    ],
    ids=range(10),
)
def test_of_one_code_it_tells_what_rests_on_nothing_that_is_missing(asked, of, code, expected):
    assert has(asked, code, *PART, *OTHERS, of=of) is expected


@pytest.mark.parametrize(
    ("asked", "of", "code"),
    [
        (value_set(ELSEWHERE, ALL), "urn:elsewhere", "knæ"),
        (value_set(FILTER, listing("fod", of=BODY)), BODY, "knæ"),
        (value_set({"system": PAIN}), PAIN, "b"),
        (value_set(kind_of("a", of=PAIN)), PAIN, "c"),
        (value_set(kind_of("a", of="urn:grouped")), "urn:grouped", "a"),
        (value_set(ALL, exclude=[FILTER]), BODY, "knæ"),
        (value_set({"valueSet": ["urn:ring"]}), BODY, "knæ"),
        (value_set({"valueSet": ["urn:feet", "urn:legs"]}), BODY, "knæ"),
        (value_set({"system": BODY, "valueSet": ["urn:nowhere", "urn:feet"]}), BODY, "knæ"),
        (value_set({"valueSet": ["urn:nowhere", "urn:feet"]}, url=OWN), BODY, "knæ"),
    ],
    ids=range(10),
)
def test_it_never_says_no_of_what_something_that_is_missing_may_have(asked, of, code):
    with pytest.raises(CannotTell):
        has(asked, code, *PART, *OTHERS, of=of)


def test_value_sets_that_name_each_other_over_and_over_are_looked_at_once():
    steps = [value_set(*[{"valueSet": [f"urn:{n + 1}"]}] * 9, url=f"urn:{n}") for n in range(DEEPEST - 1)]
    last = value_set(listing("a"), url=f"urn:{DEEPEST - 1}")
    assert codes(steps[0], *steps, last) == ["a"]
    assert not has(steps[0], "b", *steps, last, of=PAIN)


def test_a_value_set_of_too_many_parts_is_not_looked_for_part_by_part():
    many = value_set(*({"system": f"urn:{number}"} for number in range(MOST_PARTS + 1)))
    listed = expanded(*({"system": f"urn:{number}", "code": "a"} for number in range(MOST_PARTS + 1)))
    for asked in (many, listed):
        for ask in (codes, lambda asked: has(asked, "knæ")):
            with pytest.raises(CannotTell) as refused:
                ask(asked)
            assert refused.value.issues[0].code == "too-costly"


# --- What is stored expanded already


def expanded(*entries, **changes):
    expansion = {"timestamp": "2026-01-01", "contains": [{"system": BODY, **each} for each in entries], **changes}
    return {"resourceType": "ValueSet", "url": "urn:vs", "status": "active", "expansion": expansion}


def test_a_value_set_that_was_stored_with_all_its_codes_has_those():
    asked = expanded({"code": "ben", "abstract": True, "contains": [{"system": BODY, "code": "x", "display": "X"}]})
    found = at_hand().expand(asked)
    assert [(code, each.is_abstract, each.display) for (_, code), each in found.items()] == [
        ("ben", True, None),
        ("x", False, "X"),
    ]
    assert has(asked, "x")
    assert not has(asked, "knæ")


@pytest.mark.parametrize("short", [{"total": 2}, {"parameter": [{"name": "filter", "valueString": "k"}]}], ids=str)
def test_an_expansion_that_is_not_all_of_it_is_not_taken_for_it(short):
    asked = expanded({"code": "knæ"}, **short)
    with pytest.raises(CannotTell):
        codes(asked)
    assert codes(asked | {"compose": {"include": [ALL]}}) == ["ben", "knæ", "fod", "ryg"]


# --- Code systems


def test_a_code_system_that_makes_no_difference_of_case_has_the_code_however_it_is_written():
    found = read_system(system(BODY, {"code": "Knæ"}, caseSensitive=False)).concept("KNÆ")
    assert found is not None
    assert found.code == "Knæ"
    assert read_system(WHOLE).concept("KNÆ") is None
    known = system(PAIN, {"code": "Ondt"}, caseSensitive=False)
    assert has(value_set({"system": PAIN}), "ONDT", known, of=PAIN)
    assert has(value_set(listing("Ondt")), "ONDT", known, of=PAIN)


def test_a_code_system_with_rules_that_are_not_known_is_as_one_that_is_here_in_part():
    assert read_system(WHOLE).is_whole
    assert not read_system(WHOLE | {"implicitRules": "urn:x"}).is_whole
    assert not read_system(system(BODY, {"code": "a", "modifierExtension": [{}]})).is_whole


# --- FUT's own


def named(concepts):
    """Give codes with their names alone, as they are taken from KL."""
    return [
        {name: named(each[name]) if name == "concept" else each[name] for name in each if name != "definition"}
        for each in concepts
    ]


@needs_guide
def test_fut_s_own_are_as_the_guide_has_them_and_of_kl_s_the_codes_and_names():
    own = ("http://ehealth.sundhed.dk/cs/", "http://ehealth.sundhed.dk/vs/", KL)
    found = {}
    for path in GUIDE.glob("*.json"):
        each = loads(path.read_bytes())
        is_told = each["resourceType"] == "ValueSet" or (each.get("content") == "complete" and each["concept"])
        if each.get("url", "").startswith(own) and is_told:
            is_kl_s = each["url"].startswith(KL) and "concept" in each
            found[each["resourceType"], each["url"]] = each | {"concept": named(each["concept"])} if is_kl_s else each
    tags, area = ("CodeSystem", ehealth.EHEALTH_SYSTEM), ("ValueSet", f"{TREATMENT_AREAS}{OWN_TAG}")
    assert {*found, area} == _guide().keys()
    for key, each in _guide().items():
        assert key in (tags, area) or each.items() <= found[key].items(), key
    *theirs, ours = _guide()[tags]["concept"]
    assert (theirs, ours["code"]) == (found[tags]["concept"], OWN_TAG)


def test_kommunal_pro_has_a_tag_and_a_treatment_area_of_all_conditions_as_fut_s_own_solutions_have():
    """fut.md §11: the guide has two others alone."""
    terms = Terminology(of_guide)
    areas = {tag: terms.expand(of_guide("ValueSet", f"{TREATMENT_AREAS}{tag}")).keys() for tag in ("xa", OWN_TAG)}
    assert areas[OWN_TAG] == areas["xa"] == terms.expand(of_guide("ValueSet", f"{ehealth.VS}conditions")).keys()
    tags = of_guide("ValueSet", f"{ehealth.VS}ehealth-system")
    assert {code for _, code in terms.expand(tags)} == {"xa", "xb", OWN_TAG}


def of_fsiii(value_set):
    """Give the codes of FSIII that a value set has, as they are asked for and one at a time."""
    terms, asked, fsiii = Terminology(of_guide), of_guide("ValueSet", value_set), f"{KL}CodeSystem/FSIII"
    found = {code for system, code in terms.expand(asked) if system == fsiii}
    every = terms.system(fsiii).concepts
    assert found == {code for code in every if terms.member(asked, fsiii, code)}
    return found


def test_fut_s_conditions_have_the_general_information_and_the_functional_conditions_of_fsiii():
    found = of_fsiii("http://ehealth.sundhed.dk/vs/conditions")
    assert found == of_fsiii("http://ehealth.sundhed.dk/vs/ehealth-treatment-area-xb-6"), "which lists them one by one"
    assert {"F", "F12", "J1", "J1.1", "J5.1"} <= found
    assert found.isdisjoint({"F11", "J", "I1.1", "G1.34"})


def test_the_conditions_of_nursing_have_the_names_that_kl_gives_them():
    named = Terminology(of_guide).expand(of_guide("ValueSet", "http://ehealth.sundhed.dk/vs/condition-conditions"))
    assert len(named) == 43
    assert named[f"{KL}CodeSystem/FSIII", "I9.1"].display == "Akutte smerter"


LEFT_OPEN = ("http://ehealth.sundhed.dk/cs/careteam-category",)
"""FUT's code systems without a code."""


def test_most_of_fut_s_value_sets_are_told_whole_and_the_others_say_what_is_missing():
    guide = _guide()
    told, untold = 0, []
    for (type, _), each in guide.items():
        if type == "ValueSet":
            try:
                assert Terminology(lambda *key: guide.get(key)).expand(each)
                told += 1
            except CannotTell as missing:
                untold.append(missing.issues[0].diagnostics)
    assert told > 110
    own = sorted(each for each in untold if "ehealth.sundhed.dk" in each)
    assert own == [f"CodeSystem {url} is not here" for url in LEFT_OPEN]
