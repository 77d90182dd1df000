"""Helpers of the model; `rename_field` is what patches use."""
