"""What runs in ECS: tasks, the services that keep them, and the deployments that replace them."""
