"""The ledger: who has been promised how many watts, and what may be promised next (contract §4).

Pure: views of the world go in, writes come out. No client, no clock, no loop.
"""
