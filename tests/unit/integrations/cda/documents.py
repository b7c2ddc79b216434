"""Small QFDD documents of our own, made of the parts a test is about, and what is read of them."""

from kommunalpro.fhir.structure import validate
from kommunalpro.integrations.cda.qfdd import read_qfdd

QUESTION = "2.16.840.1.113883.10.20.32.4."


def document(*sections, title="Om din hverdag", extra=""):
    body = "".join(f"<component>{each}</component>" for each in sections)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<templateId root="1.2.208.184.12.1"/><id root="1.2.208.184" extension="0d1c1f3e-8d6d-4f2b-9b2e-3f1f0a6c1a11"/>
<code code="74468-0" codeSystem="2.16.840.1.113883.6.1"/><title>{title}</title>
<effectiveTime value="20260203120000+0100"/><versionNumber value="6"/>{extra}
<component><structuredBody>{body}</structuredBody></component></ClinicalDocument>""".encode()


def section(*questions, title="<title>Smerte</title>", organizer=""):
    components = "".join(
        f'<component><sequenceNumber value="{number}"/>{each}</component>'
        for number, each in enumerate(questions, start=1)
    )
    return f"""<section><templateId root="2.16.840.1.113883.10.20.32.2.1"/>{title}
<entry typeCode="DRIV"><organizer classCode="BATTERY"><templateId root="{QUESTION}1"/>
<id root="1.2.208.184.12.1" extension="g-1"/>{organizer}{components}</organizer></entry></section>"""


def information(text, title="<title>Velkommen</title>"):
    return f"<section>{title}<text>{text}</text></section>"


def question(code, *templates, text="Hvordan går det?", values="", inner=""):
    ids = "".join(f'<templateId root="{QUESTION}{each}"/>' for each in templates)
    return f"""<observation moodCode="DEF">{ids}<id root="1.2.208.184.12.2" extension="{code}-id"/>
<code code="{code}" codeSystem="1.2.3"><originalText>{text}</originalText></code>{values}{inner}</observation>"""


def options(*codes):
    return "".join(
        f'<value xsi:type="CE" code="{code}" codeSystem="1.2.3" displayName="Svar {code}"/>' for code in codes
    )


def limits(low, high):
    return f"""<entryRelationship typeCode="SUBJ"><observation><templateId root="{QUESTION}20"/>
<code code="744467-2"/><value xsi:type="IVL_INT"><low value="{low}"/><high value="{high}"/></value></observation>
</entryRelationship>"""


def criterion(code, value):
    return f'<criterion><templateId root="{QUESTION}3"/><code code="{code}" codeSystem="1.2.3"/>{value}</criterion>'


def is_option(code):
    return f'<value xsi:type="CE" code="{code}" codeSystem="1.2.3"/>'


def between(low, high):
    return f'<value xsi:type="IVL_INT"><low value="{low}"/><high value="{high}"/></value>'


def precondition(inner):
    return f"<precondition>{inner}</precondition>"


def grouped(name, *criteria, prefix="sdtc:"):
    """A grouper of criteria and of other groupers, each of which is a precondition already."""
    wrapped = "<sdtc:precondition>"
    members = "".join(each if each.startswith(wrapped) else f"{wrapped}{each}</sdtc:precondition>" for each in criteria)
    return f"<sdtc:precondition><{prefix}{name}>{members}</{prefix}{name}></sdtc:precondition>"


def items(imported):
    def walk(nested):
        for item in nested:
            yield item["linkId"], item
            yield from walk(item.get("item", ()))

    return dict(walk(imported.questionnaire["item"]))


def read(*questions, **more):
    imported = read_qfdd(document(section(*questions, **more)))
    assert not validate(imported.questionnaire)
    return imported, items(imported)


def errors(imported):
    return [problem for problem in imported.problems if problem.severity == "error"]
