"""What touches the world on behalf of a journey. Workflows know these by `contracts.py` alone; workers build them."""
