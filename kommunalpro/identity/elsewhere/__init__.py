"""Signing in at the national infrastructure's identity provider, whose tokens the remote gateway sends.

We are one of the programs there. People prove who they are to the provider; we get a refresh token, and by it an access
token for each context that they act in (`fut.md` 7.2).
"""
