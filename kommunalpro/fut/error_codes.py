"""FUT's own error codes, each with its words: English for developers, Danish for people.

The guide's pages of error messages are the best description of FUT's business rules. A code that stands in the
guide keeps its name, and is used wherever it names the same rule; codes that are ours begin with `KPRO_`, so that
nobody takes them for FUT's. What a profile requires has no code for each element: it is `GENERAL_VALIDATION_ERROR`.

Source: the guide's page of error messages (input/pagecontent/error-messages.md), and the codes that `fut.md` quotes.
"""

from kommunalpro.fut.care_error_codes import OF_CARE
from kommunalpro.fut.measurement_error_codes import OF_MEASUREMENTS

_OWNER_MANDATORY = ("Angiv, hvem der ejer det.", "An owner in modifierRole is mandatory")
_PUBLISHED = (
    "Det er udgivet og kan ikke ændres. Lav en ny version.",
    "Active and retired definitions are immutable except for useContext and retirement",
)
_NO_STEP = ("Det kan ikke skifte til den status.", "Status transition is not allowed")

CATALOGUE: dict[str, tuple[str, str]] = {
    # --- Security
    "SECURITY_SEARCH_PARAM_NOT_MATCHING_TOKEN_CONTEXT": (
        "Søgningen passer ikke til den valgte sammenhæng (team, borger eller forløb).",
        "Search parameters not matching security token context",
    ),
    "SECURITY_SEARCH_PARAMS_MANDATORY": (
        "Søgningen siger ikke, hvem eller hvad den handler om.",
        "Search parameters mandatory with current user type and combination of search parameters",
    ),
    "KPRO_CONSENT_OVERRIDE_REASON": (
        "Et værdispring skal begrundes: skriv i reason, hvorfor samtykket tilsidesættes.",
        "A search with consentOverride=true must carry a reason",
    ),
    "KPRO_SEARCH_TREATMENT_AREA": (
        "Der kan kun søges på tværs af team efter tilstande, som løsningen bruges til.",
        "A cross-team search by conditions outside the treatment area of the system tag, or without their system",
    ),
    "SECURITY_TOKEN_CONTEXT_MISSING": (
        "Vælg først det forløb, det drejer sig om.",
        "Security token context missing for user type",
    ),
    "SECURITY_TOKEN_CONTEXT_MISSING_CONTEXT": (
        "Vælg først den organisation, du arbejder for.",
        "Security token context missing for context type",
    ),
    "SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT": (
        "Det hører til en anden borger eller et andet forløb end det, du har åbent.",
        "Resource not matching security token context",
    ),
    "SECURITY_TOKEN_CONTEXT_NOT_ALLOWED": (
        "Du kan ikke arbejde i det team, for den organisation eller med den borger, som dit login siger.",
        "Security token context that the user may not have",
    ),
    "SECURITY_USER_NOT_ALLOWED": (
        "Dit login er til et andet system end dette.",
        "Resource not allowed for user",
    ),
    "SECURITY_TOKEN_INSUFFICIENT_PERMISSION": (
        "Det har du ikke adgang til at gøre.",
        "Insufficient permission in security token",
    ),
    "SYSTEM_TAG_UNEXPECTED_TAG": (
        "Oplysningerne bærer et mærke fra et andet system.",
        "Resource carries a system tag that its EpisodeOfCare, or else the security token, does not have",
    ),
    "TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT": (
        "Opgaven er i en kategori, du ikke har adgang til.",
        "Restriction category of the Task not matching privileges in security token",
    ),
    "TASK_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED": (
        "En opgave uden kategori kan ikke også have en.",
        "Restriction category none of the Task is combined with others",
    ),
    "KPRO_RESTRICTION_CATEGORY_NONE_CANT_BE_COMBINED": (
        "En besked uden kategori kan ikke også have en.",
        "Restriction category none of the Communication is combined with others",
    ),
    "KPRO_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT": (
        "Beskeden er i en kategori, du ikke har adgang til.",
        "Restriction category of the Communication not matching privileges in security token",
    ),
    # --- Profiles and lifecycle
    "GENERAL_VALIDATION_ERROR": (
        "En oplysning mangler, eller den er ikke, som den nationale profil kræver.",
        "Validation error",
    ),
    "KPRO_BUNDLE_CREATES": (
        "Her kan der kun oprettes noget nyt, og ikke rettes eller slettes.",
        "The operation takes a transaction Bundle whose entries create what they hold, without conditions",
    ),
    "GENERAL_RESOURCE_NOT_FOUND": (
        "Noget, der henvises til, findes ikke her.",
        "What is referred to is not found on this server",
    ),
    "CAREPLAN_NOT_FOUND": (
        "Den plan, der henvises til, findes ikke i forløbet.",
        "CarePlan is not found in the course of care",
    ),
    "GENERAL_CANONICAL_TARGET_NOT_ALLOWED_ERROR": (
        "Henvisningen peger på en forkert slags indhold.",
        "Canonical refers to a resource type that is not allowed here",
    ),
    "GENERAL_TIMING_VALIDATION_ERROR": ("Tidspunkterne hænger ikke sammen.", "Invalid timing"),
    "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_EMPTY_PERIOD": (
        "Det står ikke, hvornår der er svaret.",
        "QuestionnaireResponse cannot have an effectivePeriod without start or end",
    ),
    "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_INVALID_DATETIME": (
        "Det står ikke nøjagtigt nok, hvornår der er svaret.",
        "effectivePeriod of a QuestionnaireResponse must be precise to minutes and have a time zone",
    ),
    "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_START_AFTER_END": (
        "Svaret er begyndt, efter at det er sluttet.",
        "effectivePeriod.start must be before effectivePeriod.end",
    ),
    "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE": (
        "En aktiv aktivitet skal have et tidspunkt.",
        "An active, on-hold or completed ServiceRequest needs an occurrence",
    ),
    "ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_SET": (
        "Vælg, om en medarbejder godkender, at svarene deles.",
        "sharingApprovalPolicy must be set for an activity whose measurements can be shared",
    ),
    "ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_ALLOWED": (
        "Svar på aktiviteten kan ikke deles, så ingen skal godkende det.",
        "sharingApprovalPolicy must not be set for an activity whose measurements cannot be shared",
    ),
    "PLANDEFINITION_MISSING_RELATED_ACTION": (
        "Et trin i planen henviser til et trin, der ikke er der.",
        "A related action is not an action of the plan",
    ),
    "USE_CONTEXT_VALIDATION_FAILED": ("Anvendelsen er ikke kendt.", "useContext is not in its value set"),
    "QUESTIONNAIRE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY": _OWNER_MANDATORY,
    "ACTIVITYDEFINITION_CREATE_MODIFIER_ROLE_OWNER_MANDATORY": _OWNER_MANDATORY,
    "PLANDEFINITION_CREATE_MODIFIER_ROLE_OWNER_MANDATORY": _OWNER_MANDATORY,
    "ACTIONGUIDANCEVIEW_CREATE_MODIFIER_ROLE_OWNER_MANDATORY": _OWNER_MANDATORY,
    "DOCUMENTREFERENCE_CREATE_MODIFIER_ROLE_OWNER_MANDATORY": _OWNER_MANDATORY,
    "KPRO_LIBRARY_OWNER_MANDATORY": _OWNER_MANDATORY,
    "KPRO_MODIFIER_ROLE_NOT_MATCHING_TOKEN_CONTEXT": (
        "Kun ejeren eller en medforfatter kan ændre det.",
        "The organization in the token is neither owner nor co-author",
    ),
    "KPRO_MODIFIER_ROLE_OF_OWNER": (
        "Kun ejeren bestemmer, hvem der må rette.",
        "Only the owner may change modifierRole",
    ),
    "KPRO_DELETE_BY_OWNER": (
        "Kun den, der ejer det, kan slette det.",
        "The organization in the token is not the owner in modifierRole",
    ),
    "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS": _PUBLISHED,
    "ACTIVITYDEFINITION_UPDATE_ALLOWED_FOR_STATUS": _PUBLISHED,
    "PLANDEFINITION_UPDATE_ALLOWED_FOR_STATUS": _PUBLISHED,
    "ACTIONGUIDANCEVIEW_ILLEGAL_CHANGE_OF_ELEMENTS": _PUBLISHED,
    "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_STATUS": _NO_STEP,
    "ACTIVITYDEFINITION_UPDATE_TO_NOT_ALLOWED_STATE": _NO_STEP,
    "PLANDEFINITION_UPDATE_TO_NOT_ALLOWED_STATE": _NO_STEP,
    "ACTIONGUIDANCEVIEW_ILLEGAL_STATUS_CHANGE": _NO_STEP,
    "VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED": (
        "Der er allerede en kladde til en ny version.",
        "Another draft with the same base exists",
    ),
    "KPRO_CLONE_VERSION": (
        "Versionen er ikke et tal, der kan tælles videre fra, som 1.0.",
        "The version to count on from must be a number, major.minor",
    ),
    "KPRO_IDENTITY_OF_ANOTHER": (
        "Det giver sig ud for at være noget, der er her i forvejen og er en andens. Lav en kopi i stedet.",
        "Another definition has this urn:uuid, or this ehealth-base and none that the organization edits",
    ),
    "KPRO_IDENTITY_IMMUTABLE": (
        "Det, der fortæller, hvilke versioner der hører sammen, kan ikke ændres.",
        "identifier urn:uuid, ehealth-base and ehealth-base-environment are the server's and do not change",
    ),
    "KPRO_PREDECESSOR_IMMUTABLE": (
        "Det, en ny version er lavet ud fra, kan ikke skiftes ud.",
        "The ehealth-predecessor of a definition neither changes nor goes away",
    ),
    "KPRO_LIGHTS_MISSING": (
        "Den forrige version viste trafiklys. Giv den nye sin egen visning, eller skriv under på, at den er uden.",
        "The predecessor had a View: an active View of its own, or a signed questionnaire-without-lights, is required",
    ),
    "KPRO_WITHOUT_LIGHTS_SIGNATURE": (
        "Kun den, der gemmer, kan skrive under på, at spørgeskemaet er uden trafiklys, og det skal stå hvornår.",
        "questionnaire-without-lights needs one who, the Reference of who writes it, and one when, not in the future",
    ),
    "QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS": (
        "Et udgivet spørgeskema kan ikke slettes.",
        "Only a draft Questionnaire can be deleted",
    ),
    "ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE": (
        "Aktiviteten mangler sit spørgeskema.",
        "ActivityDefinition does not contain a relatedArtifact with a Questionnaire reference",
    ),
    "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE": (
        "Noget, planen bygger på, er ikke i brug.",
        "All referenced activity definitions or subplans should be active",
    ),
    "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE": (
        "Planen er tom: læg en aktivitet eller en anden plan i den.",
        "At least one activity definition or subplan should be referenced",
    ),
    "KPRO_QUESTIONNAIRE_NOT_ACTIVE": (
        "Spørgeskemaet er ikke i brug.",
        "The Questionnaire of an active ActivityDefinition, or of a plan that is applied, must be active",
    ),
    "KPRO_ACTION_TRIGGER": (
        "Det passer ikke, hvad en aktivitet i planen venter på.",
        "actionTrigger of a PlanDefinition could never work",
    ),
    "KPRO_SUB_PLAN": (
        "En plan kan ikke indgå i sig selv, heller ikke gennem andre planer, og højst fem kan ligge inden i hinanden.",
        "A PlanDefinition or CarePlan must not contain itself, and sub-plans nest at most five deep",
    ),
    "DOCUMENT_REFERENCE_CONTENT_MANDATORY": (
        "Materiale er ét dokument eller ét link.",
        "A DocumentReference for material must contain exactly one content",
    ),
    "KPRO_MATERIAL_ADDRESS": (
        "Materiale skal findes her og være ét dokument eller ét link.",
        "Material has exactly one content, with data or url, and that of an active PlanDefinition exists",
    ),
    # --- Packages of plans
    "KPRO_PACKAGE": ("Pakken kan ikke læses.", "Package of $import"),
    "KPRO_PACKAGE_UNMATCHED": (
        "Noget, pakken henviser til, findes ikke her.",
        "A Library or an Organization of the package is not found here, or is not told from others",
    ),
    "KPRO_PACKAGE_REFERENCE": (
        "Pakken mangler noget, som den henviser til.",
        "Something that is referred to is neither in the package nor here",
    ),
    "KPRO_PACKAGE_ABOUT_SOMEBODY": (
        "En pakke må ikke handle om en borger.",
        "A package is about nobody",
    ),
    "ACTIONGUIDANCEVIEW_ILLEGAL_CONTENT_SIZE": ("Indholdet fylder for meget.", "Content of the Basic is too large"),
    "KPRO_VIEW_CONTENT": ("Visningens indhold kan ikke læses.", "Content of View or ActionGuidance is invalid"),
    "KPRO_NATIONAL_OWNER": (
        "Det gælder i hele landet, og det må din organisation ikke udgive. Udgiv det som lokalt.",
        "Owner or writer is none of those whose national content may be in force (KOMMUNALPRO_NATIONAL_OWNERS)",
    ),
    **OF_CARE,
    **OF_MEASUREMENTS,
}
