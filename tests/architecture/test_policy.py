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


def test_a_hospitals_own_role_is_a_part_of_its_administrators() -> None:
    admin = ROLE_PERMISSIONS[Role.HOSPITAL_ADMIN]
    assert policy.custom_permissions(p.value for p in Permission) < admin
    assert policy.custom_permissions(()) < admin


def test_who_gives_rights_opens_charts_or_reads_the_trail_is_never_of_a_hospitals_making() -> None:
    never = {
        Permission.TENANT_MANAGE, Permission.USER_MANAGE, Permission.DISPLAY_MANAGE, Permission.DISPLAY_SHOW,
        Permission.CHART_OPEN, Permission.VISIT_FULFIL, Permission.AUDIT_READ,
    }  # fmt: skip
    assert not policy.GRANTABLE & never
    assert not policy.custom_permissions(p.value for p in Permission) & never


def test_a_code_that_policy_no_longer_knows_or_grants_gives_nothing() -> None:
    assert policy.custom_permissions(["tenant.manage", "no.such"]) == policy.custom_permissions(())


def test_rights_are_given_by_administrators_alone() -> None:
    """Why nobody reaches beyond their own by a role of the hospital's making: it can't give any."""
    assert {role for role, held in ROLE_PERMISSIONS.items() if Permission.USER_MANAGE in held} == {Role.HOSPITAL_ADMIN}
