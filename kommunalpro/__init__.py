"""Kommunal PRO: patient-reported outcomes for Danish municipalities and regions, on FUT's infrastructure."""
