"""The ehealth profiles as rules on write, one module per concern; all problems at once."""
