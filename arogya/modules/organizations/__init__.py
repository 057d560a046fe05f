"""Hospitals (tenants), their facilities (branches) and departments.

Organization: a hospital or a network of them. Facility: one branch, with its address, zone and tax number.
External organization: another institution that a record names; never a tenant.
"""
