"""Who works here. Practitioner: a clinician who sees patients. Staff member: any employee, clinical or not.

Both are deactivated, never deleted.
"""
