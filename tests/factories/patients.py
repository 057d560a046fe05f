"""Patients for tests: one by one through the front door, or thousands at once through SQL."""

from typing import Any
from uuid import UUID

import asyncpg

from arogya.modules.patients.api import RegisterPatient, register
from arogya.platform.access import Context


def a_patient(**told: Any) -> dict[str, Any]:
    """A body for `POST /api/patients`."""
    return {"name": "Kavita Rane", "gender": "female", "birth_date": "1990-04-12", **told}


async def register_patient(ctx: Context, **told: Any) -> UUID:
    """Through the module's own front door, with terms, audit and event."""
    body = {"name": "Kavita Rane", "gender": "female", "age_years": 36, **told}
    return (await register(ctx, RegisterPatient.model_validate(body))).id


_GIVEN = (
    "aarav aditi akshay amit ananya anil anjali arjun asha bhavna chetan deepa dinesh divya farhan gauri geeta gopal "
    "harish imran isha jaya karan kavita kiran lakshmi lata mahesh manoj meera mohan nandini neha nikhil nitin pooja "
    "pradeep prakash priya rahul rajesh rakesh ramesh ravi rekha ritu rohan sanjay sarita shyam sneha sunita suresh "
    "tara uma usha varun vijay vikram yasmin"
)
_FAMILY = (
    "sharma patel iyer khan reddy deshmukh joshi nair das ghosh mehta rao singh verma gupta kulkarni pillai shah "
    "chopra banerjee menon rane more pawar jadhav naik shetty bose sen kapoor malhotra bhatt trivedi yadav mishra"
)
GIVEN, FAMILY = _GIVEN.split(), _FAMILY.split()

_PEOPLE = """
    CREATE TEMPORARY TABLE people AS
    SELECT n, gen_random_uuid() AS id, given || ' ' || family AS name, given, family, (9100000000 + n)::text AS phone,
           lpad(n::text, 7, '0') AS number
    FROM generate_series(1, $1::int) n,
         LATERAL (SELECT ($2::text[])[1 + n % cardinality($2)]) AS g (given),
         LATERAL (SELECT ($3::text[])[1 + n / cardinality($2) % cardinality($3)]) AS f (family)
"""
_PATIENTS = """
    INSERT INTO patients (organization_id, id, mrn, name, sort_name, birth_date, birth_date_precision, gender,
                          blood_group, language, is_unknown, is_medico_legal, is_deceased, is_active, version)
    SELECT $1::uuid, id, 'BULK-' || number, initcap(name), name, DATE '1940-01-01' + (n * 31) % 29000, 'day',
           CASE WHEN n % 2 = 0 THEN 'female' ELSE 'male' END, CASE WHEN n % 20 = 0 THEN 'AB-' ELSE 'O+' END, 'en',
           false, false, false, true, 1
    FROM people
"""
_PHONES = """
    INSERT INTO patient_phones (organization_id, id, patient_id, number, e164, position)
    SELECT $1::uuid, gen_random_uuid(), id, phone, '+91' || phone, 0 FROM people
"""
_TERMS = """
    INSERT INTO patient_terms (organization_id, is_active, kind, term, sort_name, patient_id)
    SELECT $1::uuid, true, kind, term, name, id
    FROM people, LATERAL (VALUES
        ('name', given), ('name', family), ('phone', phone), ('phone', '91' || phone), ('phone', 'r' || reverse(phone)),
        ('number', 'bulk' || number), ('number', number), ('number', ltrim(number, '0'))
    ) AS t (kind, term)
"""
_FOREIGN_KEYS = """
    SELECT conrelid::regclass AS "table", conname AS name, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY('{patients,patient_phones,patient_terms}'::regclass[])
"""


async def make_many(owner: "asyncpg.Connection[Any]", organization_id: UUID, count: int) -> None:
    """`count` patients at once: names spread over GIVEN and FAMILY, phones 9100000001 and on, MRN BULK-0000001 and on.

    owner: of the tables. The foreign keys are checked once at the end, not row by row.
    """
    async with owner.transaction():
        keys = await owner.fetch(_FOREIGN_KEYS)
        for key in keys:
            await owner.execute(f'ALTER TABLE {key["table"]} DROP CONSTRAINT "{key["name"]}"')
        await owner.execute(_PEOPLE, count, GIVEN, FAMILY)
        for statement in (_PATIENTS, _PHONES, _TERMS):
            await owner.execute(statement, organization_id)
        await owner.execute("DROP TABLE people")
        for key in keys:
            await owner.execute(f'ALTER TABLE {key["table"]} ADD CONSTRAINT "{key["name"]}" {key["definition"]}')
    await owner.execute("VACUUM ANALYZE patients, patient_phones, patient_terms")
