"""A plan with all that it takes, as one zip of FHIR JSON files that can be read into another environment.

`archive` is the file, `contents` what belongs in it, `arrival` what comes of it here. Source: `fut.md` 4.5.
"""
