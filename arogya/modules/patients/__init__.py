"""The person in the hospital's care: identity, identifiers, contacts, consent, who may open the record, search.

MRN: the hospital's own number, shown as UHID in India. Account: that a user signs in for a patient (self, guardian,
carer). Grant: a live right to open the chart. Term: one searchable form of a name or number.
"""
