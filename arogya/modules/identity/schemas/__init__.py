"""The bodies of sign-in, users and all else that identity answers."""
