"""A million responses of 2 KB, and 100,000 citizens: `make bench-large`."""
