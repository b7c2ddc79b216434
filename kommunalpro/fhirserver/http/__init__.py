"""HTTP as FHIR uses it: requests, responses, headers, bodies and what each interaction answers."""
