"""CDA documents of the Danish PRO profiles: QFDD (questionnaires) and, later, QRD (answers)."""
