"""What is measured, each with one command; every figure stands beside a baseline of the same run."""
