"""medaffairs: the system in which a hospital's medical-affairs office works."""

__version__ = "0.1.0"
