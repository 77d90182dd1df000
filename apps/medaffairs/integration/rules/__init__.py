"""What incoming messages mean: pure functions from messages to acts and facts, from decisions to answers.

`acceptance` says whether a message is for us, `acts` what somebody wants to do, `answers` what the sender is
told, `facts` what is to be stored. `directory` translates the sender's codes. The conventions are written down
with samples in docs/integration.md.
"""
