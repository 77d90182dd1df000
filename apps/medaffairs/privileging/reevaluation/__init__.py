"""The yearly re-evaluation of privileges: lists, evidence, decisions."""
