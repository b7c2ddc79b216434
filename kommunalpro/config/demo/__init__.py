"""Demo data: two organisations, three teams, forty fictive citizens and three months of their answers.

Everything a person does in real life is done here through the same functions (`care`, the gateway), with the clock set
back: nothing is written into tables by hand. The content depends on no chance: the same data on every machine.
"""
