"""Where the terminology service's operations are offered, and what each takes.

They are HL7's, as FUT's terminology service declares them (`fut.md` 6). None changes anything, so that each is offered
by GET too (R4, operations.html). What is marked as not done is what R4 has and we do not.
"""

from kommunalpro.fhirserver.protocols import OperationDefinition, Parameter
from kommunalpro.fut.operations.expand import expand
from kommunalpro.fut.operations.lookup import lookup
from kommunalpro.fut.operations.validate_code import validate_in_code_system, validate_in_value_set

_R4 = "http://hl7.org/fhir/OperationDefinition"
_BY_URL = (Parameter("url", "uri"), Parameter("valueSet", "ValueSet"), Parameter("valueSetVersion", "string"))
_LATER = (Parameter("context", "uri", is_done=False), Parameter("date", "dateTime", is_done=False))

_EXPANSION = (
    Parameter("filter", "string"),
    Parameter("offset", "integer"),
    Parameter("count", "integer"),
    Parameter("displayLanguage", "code"),
    Parameter("includeDesignations", "boolean"),
    Parameter("includeDefinition", "boolean"),
    Parameter("activeOnly", "boolean"),
    Parameter("excludeNested", "boolean"),
    *_LATER,
    Parameter("contextDirection", "code", is_done=False),
    Parameter("designation", "string", most=None, is_done=False),
    Parameter("excludeNotForUI", "boolean", is_done=False),
    Parameter("excludePostCoordinated", "boolean", is_done=False),
    Parameter("exclude-system", "canonical", most=None, is_done=False),
    Parameter("system-version", "canonical", most=None, is_done=False),
    Parameter("check-system-version", "canonical", most=None, is_done=False),
    Parameter("force-system-version", "canonical", most=None, is_done=False),
)
_CODE = (
    Parameter("code", "code"),
    Parameter("display", "string"),
    Parameter("coding", "Coding"),
    Parameter("codeableConcept", "CodeableConcept"),
    Parameter("abstract", "boolean"),
    Parameter("displayLanguage", "code"),
)
_IN_VALUE_SET = (*_CODE, Parameter("system", "uri"), Parameter("systemVersion", "string"), *_LATER)
_IN_CODE_SYSTEM = (*_CODE, Parameter("version", "string"), Parameter("date", "dateTime", is_done=False))
_LOOKUP = (
    Parameter("code", "code"),
    Parameter("system", "uri"),
    Parameter("version", "string"),
    Parameter("coding", "Coding"),
    Parameter("displayLanguage", "code"),
    Parameter("property", "code", most=None),
    Parameter("date", "dateTime", is_done=False),
)

TERMINOLOGY = (
    OperationDefinition(
        "$expand",
        "type",
        expand,
        type="ValueSet",
        on_get=expand,
        body="valueSet",
        definition=f"{_R4}/ValueSet-expand",
        parameters=(*_BY_URL, *_EXPANSION),
    ),
    OperationDefinition(
        "$expand",
        "instance",
        expand,
        type="ValueSet",
        on_get=expand,
        definition=f"{_R4}/ValueSet-expand",
        parameters=_EXPANSION,
    ),
    OperationDefinition(
        "$validate-code",
        "type",
        validate_in_value_set,
        type="ValueSet",
        on_get=validate_in_value_set,
        definition=f"{_R4}/ValueSet-validate-code",
        parameters=(*_BY_URL, *_IN_VALUE_SET),
    ),
    OperationDefinition(
        "$validate-code",
        "instance",
        validate_in_value_set,
        type="ValueSet",
        on_get=validate_in_value_set,
        definition=f"{_R4}/ValueSet-validate-code",
        parameters=_IN_VALUE_SET,
    ),
    OperationDefinition(
        "$validate-code",
        "type",
        validate_in_code_system,
        type="CodeSystem",
        on_get=validate_in_code_system,
        definition=f"{_R4}/CodeSystem-validate-code",
        parameters=(
            Parameter("url", "uri"),
            *_IN_CODE_SYSTEM,
            Parameter("codeSystem", "CodeSystem", is_done=False),
        ),
    ),
    OperationDefinition(
        "$validate-code",
        "instance",
        validate_in_code_system,
        type="CodeSystem",
        on_get=validate_in_code_system,
        definition=f"{_R4}/CodeSystem-validate-code",
        parameters=_IN_CODE_SYSTEM,
    ),
    OperationDefinition(
        "$lookup",
        "type",
        lookup,
        type="CodeSystem",
        on_get=lookup,
        definition=f"{_R4}/CodeSystem-lookup",
        parameters=_LOOKUP,
    ),
)
