"""ECR: a real registry (Debian's docker-registry) behind ECR's rules, and ECR's own operations on what was pushed to it."""
