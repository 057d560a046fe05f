"""Reading the audit trail. Entries are written where things happen (arogya.platform.audit) and never change."""
