"""How long the structural validator takes, as a multiple of parsing the same text.

Run:  python bench/structure.py

The sample is a response of 8 groups with 5 questions each, about 10 KB. The ratio is what to compare between machines.
"""

from statistics import median
from time import perf_counter_ns
from typing import Any

from kommunalpro.fhir.json import dumps, loads
from kommunalpro.fhir.structure import validate

BASE = "https://fhir.example.dk/fhir"


def response() -> dict[str, Any]:
    """Make the sample."""
    ordinal = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 2}
    answers: list[dict[str, Any]] = [
        {"valueInteger": 7},
        {
            "valueCoding": {
                "system": "urn:oid:1.2.208.176.1.5",
                "code": "281.A3",
                "display": "Flere dage",
                "extension": [ordinal],
            }
        },
        {"valueString": "Jeg går ture i skoven hver dag, men knæet driller"},
        {"valueBoolean": True},
        {"valueCoding": {"system": "urn:oid:1.2.208.176.1.5", "code": "281.A1", "display": "Slet ikke"}},
    ]
    groups = [
        {
            "linkId": f"gruppe-{group}",
            "text": "Trivsel i de sidste to uger",
            "item": [
                {
                    "linkId": f"{group}.{number}",
                    "text": "Hvor tit har du i de sidste to uger været generet af smerter, når du gik, sad eller sov?",
                    "answer": [answer],
                }
                for number, answer in enumerate(answers)
            ],
        }
        for group in range(8)
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "0199f2c4-7a31-7c55-b6d1-0242ac120002",
        "meta": {
            "versionId": "1",
            "lastUpdated": "2026-11-23T09:30:00.123+01:00",
            "profile": ["http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaireresponse"],
        },
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare",
                "valueReference": {"reference": f"{BASE}/EpisodeOfCare/0199f2c4-7a31-7c55-b6d1-0242ac120003"},
            }
        ],
        "basedOn": [{"reference": f"{BASE}/ServiceRequest/0199f2c4-7a31-7c55-b6d1-0242ac120004/_history/3"}],
        "questionnaire": f"{BASE}/Questionnaire/0199f2c4-7a31-7c55-b6d1-0242ac120005",
        "status": "completed",
        "subject": {"reference": f"{BASE}/Patient/0199f2c4-7a31-7c55-b6d1-0242ac120006"},
        "authored": "2026-11-23T09:29:58+01:00",
        "source": {"reference": f"{BASE}/Patient/0199f2c4-7a31-7c55-b6d1-0242ac120006"},
        "item": groups,
    }


def microseconds(call: Any, argument: Any, rounds: int = 400) -> float:
    """Give the median time of one call."""
    times = []
    for _ in range(rounds):
        start = perf_counter_ns()
        call(argument)
        times.append(perf_counter_ns() - start)
    return median(times) / 1000


def main() -> None:
    """Print both times and their ratio."""
    text = dumps(response())
    resource = loads(text)
    assert validate(resource) == (), validate(resource)
    parse, validation = microseconds(loads, text), microseconds(validate, resource)
    print(f"{len(text):,} bytes · parse {parse:.0f} µs · validate {validation:.0f} µs · ratio {validation / parse:.1f}")


if __name__ == "__main__":
    main()
