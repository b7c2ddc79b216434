"""Error codes of courses of care: of citizens, what is opened and planned for them, and what is said of it.

Source: as of `error_codes.py`, of whose catalogue they are a part.
"""

OF_CARE: dict[str, tuple[str, str]] = {
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
    "KPRO_FOR_ALL_NAMES_SOMEBODY": (
        "Det, der er til alle, må ikke nævne nogen.",
        "What is for everybody must name nobody: neither by a CPR number nor by a reference to what is a citizen's",
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
    "KPRO_EPISODEOFCARE_CREATE_TEAM": (
        "Sæt mindst ét team på forløbet. Uden et team kan ingen medarbejder se det.",
        "A new EpisodeOfCare has at least one care team, or nobody would see to it",
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
    "KPRO_ORGANIZATION_NOT_MATCHING_TOKEN_CONTEXT": (
        "Kun organisationen selv og dem over den kan ændre den.",
        "The organization in the token neither is the organization nor stands above it",
    ),
    "KPRO_PRACTITIONER_ROLE_NOT_MATCHING_TOKEN_CONTEXT": (
        "Kun organisationen selv og dem over den bestemmer, hvem der har en rolle i den.",
        "The organization in the token neither is the organization of the role nor stands above it",
    ),
    "KPRO_ORGANIZATION_NUMBERS": (
        "Organisationens numre kommer fra registeret og kan ikke ændres her.",
        "Identifiers and CVR number of an Organization are not changed by hand",
    ),
    "KPRO_CARE_TEAM_LAST_ADMINISTRATOR": (
        "Så kan ingen ændre organisationens team. Gør først en anden til Care Team Administrator.",
        "Nobody could change the organization's care teams: make somebody else careteamAdministrator first",
    ),
    "KPRO_CARE_TEAM_UNKNOWN": (
        "Det team, der skal tages af, findes ikke her.",
        "A care team to remove is neither assigned nor on this server",
    ),
    "KPRO_CARE_TEAM_IN_USE": (
        "Teamet er på et forløb eller en plan, der ikke er slut, eller har åbne opgaver. Tag det af, og luk dem først.",
        "A care team of a CarePlan or EpisodeOfCare that is not over, or of an open Task, is not deleted",
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
    "COMMUNICATION_SENT_PROP_CANNOT_BE_SET_BY_CLIENT": (
        "Kun systemet siger, hvornår en besked er sendt.",
        "Communication 'sent' property is managed by the server and cannot be set by the client",
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
}
