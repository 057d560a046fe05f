"""What is done about signing in, one's own account, users and their roles: a file a subject, a function a use case."""
