"""Error codes of measurements: whether they hold, how they are submitted, and when they are used again.

Source: as of `error_codes.py`, of whose catalogue they are a part.
"""

MOST_AT_A_TIME = 100
"""Submissions that one search for them gives (`fut.md` 4.4)."""
_COUNT = f"Angiv et antal fra 1 til {MOST_AT_A_TIME}."

OF_MEASUREMENTS: dict[str, tuple[str, str]] = {
    # --- Validity of a measurement
    "CLINICAL_IMPRESSION_VALIDATION_STATE_FINDING_CODE_NOT_ALLOWED": (
        "En måling gøres ugyldig på sin egen måde, ikke ved at skrive vurderingen direkte.",
        "Findings of validity are written by ClinicalImpression/$set-measurement-validity only",
    ),
    "KPRO_MEASUREMENT_VALIDITY": (
        "Det er ikke klart, hvad der skal gælde om målingen.",
        "Input of $set-measurement-validity",
    ),
    "TASK_MEASUREMENT_VALIDITY_INVALID_MEASUREMENT_REFERENCE": (
        "Henvisningen til målingen er ikke fuldstændig.",
        "A single investigation with two items: one versioned and one version-less reference to the measurement",
    ),
    "TASK_MEASUREMENT_VALIDITY_INVALID_INVESTIGATION_ITEM_TYPE": (
        "Kun en måling kan gøres ugyldig.",
        "The investigation item must be a Media, an Observation or a QuestionnaireResponse",
    ),
    "TASK_MEASUREMENT_VALIDITY_INVALID_INITIAL_STATUS": (
        "Vurderingen skal være gjort færdig.",
        "The ClinicalImpression must be created with status completed",
    ),
    "CLINICAL_IMPRESSION_MEASUREMENT_VALIDITY_UPDATED_CODE_REQUIRED": (
        "Det er ikke klart, at vurderingen er om, hvorvidt målingen gælder.",
        "A ClinicalImpression of validity must have the code of that",
    ),
    "TASK_MEASUREMENT_VALIDITY_INVALID_FINDING_CODE": (
        "Sig enten, at målingen er ugyldig, eller at den gælder igen.",
        "A single finding: measurement-invalidated or measurement-invalidation-retracted",
    ),
    "TASK_MEASUREMENT_VALIDITY_INVALID_DECISION_CODE": (
        "Sig, om borgeren skal spørges igen. Det siges kun, når målingen gøres ugyldig.",
        "A single decision: invalidated-fulfills or invalidated-is-not-fulfillment",
    ),
    "TASK_MEASUREMENT_VALIDITY_REFERENCE_MISMATCH": (
        "Målingen hører til en anden borger eller et andet forløb.",
        "Mismatch between references",
    ),
    "TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION": (
        "Målingen er allerede ugyldig.",
        "The previous ClinicalImpression must be a retraction when a measurement is invalidated",
    ),
    "TASK_MEASUREMENT_VALIDITY_MISSING_PREVIOUS": (
        "Der er ingen ugyldighed at trække tilbage.",
        "Unable to find the previous ClinicalImpression when an invalidation is retracted",
    ),
    "KPRO_MEASUREMENT_VALIDITY_STATE": (
        "Målingen har aldrig været andet end ugyldig.",
        "A measurement that was never valid has no status to go back to",
    ),
    "KPRO_MEASUREMENT_VALIDITY_BY_OPERATION": (
        "En måling gøres ugyldig på sin egen måde, ikke ved at skrive vurderingen direkte.",
        "Validity is told by ClinicalImpression/$set-measurement-validity only",
    ),
    "KPRO_MEASUREMENT_IMMUTABLE": (
        "En måling kan ikke ændres, når den er sendt ind.",
        "A submitted measurement does not change, except for what the guide lets be changed",
    ),
    "KPRO_MEDIA_CONTENT": (
        "Billedet kan ikke læses. Send det som JPEG eller PNG.",
        "Inline content of Media must be a whole JPEG or PNG",
    ),
    # --- Submission
    "KPRO_SUBMIT_BUNDLE": (
        "Det sendte svar kan ikke læses.",
        "The measurement must be a transaction Bundle of QuestionnaireResponse, Observation, Media and Provenance",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_EMPTY_INPUT_BUNDLE": (
        "Der er ikke sendt noget svar.",
        "The input bundle does not contain any resources",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_BUNDLE_CONTAINS_NONE_OF_EXPECTED_RESOURCES": (
        "Der er ikke sendt noget svar.",
        "The input bundle does not contain any Observation, Media or QuestionnaireResponse",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_BUNDLE_CONTAINS_INVALID_RESOURCES": (
        "Det sendte svar kan ikke læses.",
        "The input bundle contains other than Observation, Media, QuestionnaireResponse or Provenance",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_PROCEDURE_REQUEST_IS_NOT_ACTIVE": (
        "Spørgeskemaet eller målingen er ikke længere åben for svar.",
        "The ServiceRequest is not active",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INVALID_STATUS": (
        "Svaret er ikke gjort færdigt.",
        "A submitted measurement must be completed or final",
    ),
    "KPRO_SUBMIT_PATIENT": (
        "Svaret hører til en anden borger eller et andet forløb.",
        "Measurements must share the patient and episode of care of the token",
    ),
    "KPRO_SUBMIT_TIME": ("Tidspunktet ligger ude i fremtiden.", "A measurement from more than a day ahead"),
    "KPRO_SUBMIT_SOURCE": (
        "Den, der siges at have svaret, findes ikke her eller må ikke svare for borgeren.",
        "source must be the patient, one of their RelatedPersons, or (not for a citizen) a Practitioner, who is here",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_SHOULD_REFERENCE_PATIENT": (
        "Svaret siger ikke, hvilken borger det handler om.",
        "A measurement should reference a patient",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_SHOULD_REFERENCE_EPISODEOFCARE": (
        "Svaret siger ikke, hvilket forløb det hører til.",
        "A measurement should reference an episode of care",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_FOR_DIFFERENT_PATIENTS": (
        "Svarene hører til forskellige borgere.",
        "The resources provided are for different patients",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_NOT_PART_OF_SAME_EPISODEOFCARE": (
        "Svarene hører til forskellige forløb.",
        "The resources provided are not all part of the same episode of care",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_DIFFERENT_PATIENT_REFERENCE": (
        "Svaret hører til en anden borger end forløbet.",
        "The patient referenced by the EpisodeOfCare is another than that of the resources provided",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE": (
        "Der er svaret på et spørgeskema, hvor der ikke spørges om noget.",
        "ActivityDefinition does not contain a relatedArtifact with a Questionnaire reference",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INVALID_QUESTIONNAIRE_REFERENCE": (
        "Svaret er givet på et andet spørgeskema end det, der blev sendt.",
        "QuestionnaireResponse.questionnaire is not the one that the activity refers to",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INVALID_OBSERVATION_CODE": (
        "Der er målt noget andet end det, der blev spurgt om.",
        "Observation.code does not match the code of the referenced ServiceRequest",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INVALID_RESOLVED_TIMING": (
        "Tidspunktet for svaret passer ikke.",
        "The resolved timing is not valid",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_MORE_THAN_ONE_DEVICE_QUALITY": (
        "Målingen siger mere end én gang, hvor godt udstyret måler.",
        "Only one device quality allowed for each Observation or Media",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_TOO_FEW_ANSWERS": (
        "Et spørgsmål har fået for få svar.",
        "QuestionnaireResponse has too few answers for an item",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_TOO_MANY_ANSWERS": (
        "Et spørgsmål har fået for mange svar.",
        "QuestionnaireResponse has too many answers for an item",
    ),
    "KPRO_SUBMIT_PICTURE": (
        "Der er sendt et billede, hvor der ikke er bedt om et.",
        "The code of the referenced ServiceRequest does not ask for Media",
    ),
    "KPRO_SUBMIT_ANSWER": ("Et svar passer ikke til spørgsmålet.", "Answer does not conform to the Questionnaire"),
    # --- Search
    "MEASUREMENT_SEARCHMEASUREMENT_PERIOD_NOT_SPECIFIED": ("Angiv perioden.", "Period must be specified"),
    "MEASUREMENT_SEARCHMEASUREMENT_PATIENT_AND_EPISODE_NOT_SPECIFIED": (
        "Angiv borgeren eller forløbet.",
        "At least one must be specified",
    ),
    "MEASUREMENT_SEARCHMEASUREMENT_PATIENT_AND_EPISODE_AND_SERVICEREQUEST_NOT_SPECIFIED": (
        "Angiv borgeren, forløbet eller det, der blev bedt om.",
        "At least one must be specified",
    ),
    "MEASUREMENT_SEARCHMEASUREMENT_COUNT_NOT_SPECIFIED": (
        _COUNT,
        "A positive number for count must be specified",
    ),
    "MEASUREMENT_SEARCHMEASUREMENT_COUNT_LIMIT_EXCEEDED": (
        _COUNT,
        f"Count limit of {MOST_AT_A_TIME} exceeded",
    ),
    "MEASUREMENT_SEARCHMEASUREMENT_START_OR_END_NOT_SPECIFIED": (
        "Angiv enten start eller slut.",
        "Either start or end must be provided, but none was",
    ),
    "MEASUREMENT_SEARCHMEASUREMENT_START_AND_END_BOTH_SPECIFIED": (
        "Angiv enten start eller slut, ikke begge.",
        "Both start and end cannot be specified",
    ),
    # --- Reuse of an earlier measurement
    "KPRO_REUSE_DIFFERS": (
        "Målingen er ikke den samme som den, der bruges igen.",
        "What is reused says what its original says: code and value, answers, or content",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_INVALID": (
        "Det er ikke klart, hvilken tidligere måling der bruges igen.",
        "Provenance of reuse is invalid",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_INVALID_POLICY": (
        "Det er ikke klart, om målingen bruges igen efter borgerens valg.",
        "Submitted Provenances should use the policy reuse-of-measurement-chosen-by-citizen",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_REFERENCE_MISSING": (
        "Den måling, der bruges igen, er ikke sendt med.",
        "Provenance references what is not provided as part of the input",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_NOT_SINGLE_TARGET": (
        "Sig for én måling ad gangen, at den bruges igen.",
        "Provenance.target should have exactly one reference",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_NOT_SINGLE_ENTITY": (
        "En måling kan kun bruge én tidligere måling igen.",
        "Provenance.entity should have exactly one reference",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_BE_SAME_TYPE": (
        "Den tidligere måling er af en anden slags.",
        "Provenance.target and Provenance.entity should be of same type",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_REFERENCE_SAME_PATIENT": (
        "Den tidligere måling er en anden borgers.",
        "Provenance.target and Provenance.entity should reference the same patient",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_TARGET_AND_ENTITY_SHOULD_USE_SAME_DATE": (
        "Målingen har et andet tidspunkt end den, den bruger igen.",
        "Provenance.target and Provenance.entity should use the same date",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_INPUT_PROVENANCE_ENTITY_IS_REUSING": (
        "Den tidligere måling er selv brugt igen fra en anden. Brug den første.",
        "Provenance.entity is reusing another measurement and can not be used for reuse",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_REUSE_NOT_ALLOWED": (
        "Her kan en tidligere måling ikke bruges igen.",
        "Reuse is not allowed",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_RESOURCE_TO_OLD_TO_BE_USED_FOR_REUSE": (
        "Den tidligere måling er for gammel til at blive brugt igen.",
        "Reuse is not allowed due to the resource being too old",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_DURATION_UNIT_CODE_UNKNOWN": (
        "Det er ikke til at regne ud, hvor gammel en måling må være.",
        "Duration must be a whole number of s, min, h, d, wk, mo or a",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_ASSOCIATED_QUALITY_NOT_PRESENT": (
        "Målingen siger ikke, hvor god den er, og så kan den ikke bruges igen.",
        "Associated quality is not present on submitted resource; reuse is not allowed",
    ),
    "MEASUREMENT_SUBMITMEASUREMENT_QUALITY_IS_NOT_SUBSUMED": (
        "Målingen er ikke god nok til at blive brugt igen.",
        "Quality is not subsumed; reuse is not allowed",
    ),
}
"""Code → its words, Danish and English."""
