"""Organisations that come from a register: SOR, or FK Organisation (FUT's `STS-ORG`). One importer, two readers.

FUT names the operation (`$import-organizations`) and says nothing of how it decides; this is ours, after what its
profile of Organization says of source, synchronization, custodians and relations (`fut.md` 1B).
"""
