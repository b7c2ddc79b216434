"""What happens because a time has come: a measurement is missed, somebody is reminded, a status changes.

The worker calls `rounds.work`; everything is a function of `now`.
"""
