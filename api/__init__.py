"""HTTP in front of everything: checks the caller and the shape, and promises nothing before it is committed."""
