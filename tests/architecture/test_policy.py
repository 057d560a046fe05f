"""The page of access and its printed form."""

from pathlib import Path

from arogya import policy
from arogya.policy import ROLE_PERMISSIONS, Permission, Role

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_printed_roles_are_the_roles_in_force() -> None:
    assert (DOCS / "roles.md").read_text() == policy.as_markdown()


def test_platform_administrator_reads_no_patient() -> None:
    assert ROLE_PERMISSIONS[Role.SUPER_ADMIN] == {Permission.TENANT_MANAGE}


def test_only_the_platform_makes_tenants() -> None:
    holders = {role for role, held in ROLE_PERMISSIONS.items() if Permission.TENANT_MANAGE in held}
    assert holders == {Role.SUPER_ADMIN}


def test_audit_is_read_by_the_privacy_officer_alone() -> None:
    assert {role for role, held in ROLE_PERMISSIONS.items() if Permission.AUDIT_READ in held} == {Role.PRIVACY_OFFICER}


def test_every_permission_is_somebodys() -> None:
    held = frozenset().union(*ROLE_PERMISSIONS.values(), policy.OWN, policy.DEVICE_PERMISSIONS)
    assert held == set(Permission)
