"""Hospitals (tenants), their facilities (branches), departments and rooms.

Organization: a hospital or a network of them. Facility: one branch, with its address, zone and tax number.
Room: where visits of a branch take place; never at two branches, never of two practitioners at one time.
External organization: another institution that a record names; never a tenant.
"""
