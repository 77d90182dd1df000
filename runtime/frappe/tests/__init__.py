"""What apps use in their own tests."""
