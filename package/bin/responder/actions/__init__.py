"""What splunkd starts when an alert fires: a cold process of the standard library alone, the same for every action.

It hands the results over to the endpoint ``record`` and has them run; what each action asks for is declared beside its
handler. When nothing answers, it spools: nothing is lost.
"""
