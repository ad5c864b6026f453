"""What Sojourn costs and how quick it is, each figure beside its own limit measured in the same run."""
