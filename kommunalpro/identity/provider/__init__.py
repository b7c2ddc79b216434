"""The demo's own OpenID provider: FUT's clients, and tests, sign in where no real identity provider is.

Nobody proves anything here, so it exists where demo login exists and nowhere else: `config` gives it no address in
production, and `Provider` refuses to be made there. The protocol is Authlib's (`oauth.py`); ours is who may be whom.
"""
