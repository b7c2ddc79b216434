"""FUT's own error codes, each with its words: English for developers, Danish for people.

The guide's pages of error messages are the best description of FUT's business rules. A code that stands in the
guide keeps its name, and is used wherever it names the same rule; codes that are ours begin with `KPRO_`, so that
nobody takes them for FUT's. What a profile requires has no code for each element: it is `GENERAL_VALIDATION_ERROR`.

Source: the guide's page of error messages (input/pagecontent/error-messages.md), and the codes that `fut.md` quotes.
"""

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
        "Noget, planen bygger på, er ikke udgivet endnu.",
        "All referenced activity definitions or subplans should be active",
    ),
    "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE": (
        "Planen er tom: læg en aktivitet eller en anden plan i den.",
        "At least one activity definition or subplan should be referenced",
    ),
    "KPRO_QUESTIONNAIRE_NOT_ACTIVE": (
        "Spørgeskemaet er ikke udgivet endnu.",
        "The Questionnaire of an active ActivityDefinition must be active",
    ),
    "KPRO_ACTION_TRIGGER": (
        "En aktivitet venter på noget, der ikke er i planen, eller på sig selv.",
        "actionTrigger of a PlanDefinition must name activities of the plan, and not wait for itself",
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
        "Materiale skal findes her, og være ét dokument eller ét link.",
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
    # --- Episode of care and plans
    "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED": (
        "Navnet kommer fra CPR-registeret og kan ikke ændres her.",
        "Official name change not allowed",
    ),
    "PATIENT_CPR_CHANGE_IS_NOT_ALLOWED": (
        "Borgerens numre kommer fra registeret og kan ikke ændres her.",
        "CPR change is not allowed",
    ),
    "PATIENT_HOME_ADDRESS_CHANGE_IS_NOT_ALLOWED": (
        "Adressen kommer fra CPR-registeret og kan ikke ændres her.",
        "Home address change is not allowed",
    ),
    "KPRO_CAREPLAN_PART_OF": (
        "En plan, der er en del af en anden, kan ikke tages ud af den.",
        "CarePlan.partOf of a sub-plan neither changes nor goes away",
    ),
    "KPRO_PATIENT_PROTECTION": (
        "Navne- og adressebeskyttelse kan hverken fjernes eller ændres her.",
        "ehealth-nameandaddressprotection of a Patient is the register's and is not changed or removed",
    ),
    "PATIENT_MUST_HAVE_CRN_IDENTIFIER": (
        "Borgeren skal have ét CPR-nummer.",
        "A Patient has one identifier that is a CPR number",
    ),
    "KPRO_CAREPLAN_ACTIVITY_LOST": (
        "Aktiviteter kan ikke tages ud af en plan, der er begyndt. Afslut dem i stedet.",
        "An activity is never taken out of a CarePlan that is not a draft",
    ),
    "KPRO_PATIENT_NOT_OF_EPISODEOFCARE": (
        "Det handler om en anden borger end forløbet.",
        "The patient is not the patient of the EpisodeOfCare",
    ),
    "KPRO_PATIENT_UNKNOWN": (
        "Den borger, der henvises til, findes ikke her.",
        "The Patient that is referred to is not on this server",
    ),
    "KPRO_OWNER_IMMUTABLE": (
        "Det kan ikke flyttes til en anden borger eller et andet forløb. Slet det, og opret det på ny.",
        "The patient and the EpisodeOfCare of a resource do not change: delete it and create it anew",
    ),
    "KPRO_CONSENT_KIND_IMMUTABLE": (
        "Et samtykke til hjulpet login kan ikke blive til et andet samtykke, og omvendt. Lav et nyt.",
        "An access consent does not become another Consent, nor another Consent an access consent",
    ),
    "DOCUMENTREFERENCE_SUBJECT_MANDATORY": (
        "Angiv den borger, materialet er til.",
        "The subject of patient-specific material must be its Patient",
    ),
    "DOCUMENTREFERENCE_ENCOUNTER_MANDATORY": (
        "Angiv det forløb, materialet hører til.",
        "context.encounter of patient-specific material must be exactly one EpisodeOfCare",
    ),
    "DOCUMENTREFERENCE_SUBJECT_REFER_TO_PATIENT": (
        "Materiale til alle må ikke handle om en borger.",
        "Material that is not patient-specific must not have a Patient as its subject",
    ),
    "DOCUMENTREFERENCE_EPISODEOFCARE_CONTEXT_ENCOUNTER": (
        "Materiale til alle må ikke nævne et forløb.",
        "A DocumentReference for general material must not refer to an EpisodeOfCare in context.encounter",
    ),
    "KPRO_DOCUMENTREFERENCE_SUBJECT": (
        "Angiv den borger, dokumentet handler om. Materiale til alle må ikke nævne nogen.",
        "A DocumentReference is about a Patient that is on this server, or about nobody",
    ),
    "EPISODEOFCARE_CREATE_WRONG_EOC_COUNT": (
        "Der skal åbnes ét forløb ad gangen.",
        "The Bundle must hold exactly one EpisodeOfCare",
    ),
    "EPISODEOFCARE_CREATE_UNSUPPORTED_RESOURCE_TYPE": (
        "Der er sendt noget med, som ikke bruges til at åbne et forløb.",
        "The Bundle holds something else than an EpisodeOfCare, Conditions and Provenances",
    ),
    "EPISODEOFCARE_CREATE_EPISODE_OF_CARE_IN_NON_PLANNED_STATUS": (
        "Et nyt forløb begynder som planlagt.",
        "A new EpisodeOfCare must have the status planned",
    ),
    "EPISODEOFCARE_CREATE_STATUS_HISTORY_NOT_EMPTY": (
        "Et nyt forløb har ikke haft andre statusser.",
        "statusHistory of a new EpisodeOfCare is the server's to write",
    ),
    "EPISODEOFCARE_CREATE_TEAM_HISTORY_NOT_EMPTY": (
        "Et nyt forløb har ikke haft andre team.",
        "teamHistory of a new EpisodeOfCare is the server's to write",
    ),
    "EPISODEOFCARE_CREATE_NO_REQUIRED_PROVENANCE_POLICIES": (
        "Vælg det lovgrundlag, forløbet hviler på.",
        "A Provenance with sundhedsloven, serviceloven or aeldreloven as policy is required",
    ),
    "KPRO_EPISODEOFCARE_CREATE_LEGAL_BASIS": (
        "Der er nævnt andet end love som grundlag for forløbet.",
        "A Provenance that comes with an EpisodeOfCare has no policy besides the legal bases",
    ),
    "EPISODEOFCARE_CREATE_INCORRECT_PROVENANCE_TARGET": (
        "Lovgrundlaget skal gælde det forløb, der åbnes, og intet uden for det.",
        "A Provenance must target the EpisodeOfCare, and nothing outside the Bundle",
    ),
    "EPISODEOFCARE_CREATE_INCORRECT_CONDITION_SUBJECT": (
        "Diagnosen er en anden borgers end forløbet.",
        "A Condition is about somebody else than the patient of the EpisodeOfCare",
    ),
    "EPISODEOFCARE_CREATE_PATIENT_DOESNT_MATCH_CONTEXT": (
        "Forløbet er for en anden borger end den, der er valgt.",
        "The patient of the EpisodeOfCare is not the one in the security token",
    ),
    "EPISODEOFCARE_CREATE_PATIENT_MUST_NOT_BE_DECEASED": (
        "Borgeren er død, og der kan ikke åbnes et forløb.",
        "The patient of a new EpisodeOfCare must not be deceased",
    ),
    "KPRO_EPISODEOFCARE_CREATE_DIAGNOSIS": (
        "Diagnosen skal sendes med det forløb, den hører til, og intet andet.",
        "What is diagnosed is a Condition of the Bundle, and no other Condition comes with it",
    ),
    "KPRO_EPISODEOFCARE_TREATMENT_AREA": (
        "Tilstanden hører ikke til det, løsningen bruges til.",
        "Diagnosis is outside the treatment area of the system tag",
    ),
    "MISSING_COEXISTENCE_TAGS": ("Systemmærket mangler.", "Coexistence tag missing in security token"),
    "STATUS_SCHEDULE_IDENTICAL_TIME": (
        "To skift af status kan ikke ligge på samme tid.",
        "Multiple status changes may not be scheduled for the same time",
    ),
    "STATUS_SCHEDULE_PAUSE_MAX_30_DAYS": (
        "En planlagt pause kan højst vare 30 dage.",
        "A scheduled pause may not last more than 30 days",
    ),
    "KPRO_STATUS_SCHEDULE": (
        "Et planlagt skift af status har ikke en gyldig status og et tidspunkt.",
        "A scheduled status change has a status that its type may have, and a time",
    ),
    "EPISODEOFCARE_PATCH_NO_CONSENT": (
        "Forløbet kan først starte, når borgeren har givet samtykke.",
        "An active PITEOC consent for the EpisodeOfCare is required",
    ),
    "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND": (
        "Forløbet kan ikke vælges herfra.",
        "Neither the EpisodeOfCare nor one of its CarePlans gives this patient or care team access",
    ),
    "KPRO_CARE_TEAM_NOT_ACTIVE": (
        "Teamet findes ikke her, eller det er ikke aktivt.",
        "A care team to add must be on this server, and active",
    ),
    "KPRO_CARE_TEAM_NOT_MATCHING_TOKEN_CONTEXT": (
        "Kun den organisation, der driver teamet, kan ændre det.",
        "The organization in the token neither manages the care team nor stands above the one that does",
    ),
    "KPRO_CARE_TEAM_UNKNOWN": (
        "Det team, der skal tages af, findes ikke her.",
        "A care team to remove is neither assigned nor on this server",
    ),
    "KPRO_CARE_TEAM_LAST": (
        "Det er det sidste team. Sæt et andet på, før det tages af.",
        "The last care team is not removed where no team would see to the plan or the EpisodeOfCare any more",
    ),
    "KPRO_PERSIST_LOGIN": (
        "Det, der blev sagt om brugeren ved login, passer ikke til det, der er her.",
        "Input of $persist-login",
    ),
    "CAREPLAN_APPLY_EPISODE_OF_CARE_REFERENCE_NOT_SPECIFIED": (
        "Vælg det forløb, planen skal ligge i.",
        "EpisodeOfCare reference must be specified",
    ),
    "CAREPLAN_APPLY_PLAN_DEFINITION_REFERENCE_NOT_SPECIFIED": (
        "Vælg den plan, forløbet skal have.",
        "PlanDefinition reference must be specified",
    ),
    "CAREPLAN_APPLY_NO_PLANDEFINITION": ("Planen findes ikke.", "There is no PlanDefinition with this id"),
    "CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION": (
        "Planen er ikke udgivet.",
        "Only an active PlanDefinition can be applied",
    ),
    "TASK_FOR_NOT_SET": ("Opgaven mangler sin borger.", "Task.for must be the patient of the EpisodeOfCare"),
    "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS": (
        "Henvisningen til svaret er ikke fuldstændig.",
        "investigation.item needs one versioned and one version-less reference",
    ),
    "KPRO_CLINICALIMPRESSION_CAREPLAN": (
        "Vurderingen ser på svar, der ikke hører til samme plan. Lav en vurdering for hver plan.",
        "All that a ClinicalImpression looks at is of one CarePlan, and of the one that it names",
    ),
    "KPRO_CLINICALIMPRESSION_LIGHT": (
        "Trafiklyset er givet af systemet og kan ikke ændres. Skriv din egen vurdering ved siden af.",
        "A TriagingResult is made by the system alone, and only its status changes",
    ),
    **OF_MEASUREMENTS,
}
