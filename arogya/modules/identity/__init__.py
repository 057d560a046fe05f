"""Who signs in: users, sign-in identifiers, passwords, sessions, memberships, device links.

User: one person, one user. Membership: user × organization × (facility) × role, from–until. Session: one signed-in
device, with its rotating refresh token. Device link: a screen that is signed in by a link and shows, never acts.
"""
