"""Where a model's time and memory go."""
