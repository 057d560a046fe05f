"""The demo: whole, the same for a date, alive at any hour, and at one with what the product would have written."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from stdnum import luhn

from arogya import demo
from arogya.modules.identity.passwords import scheme
from arogya.platform import modules
from arogya.platform.base import metadata
from arogya.platform.clock import FixedClock
from arogya.platform.settings import Settings
from tests.demo.conftest import APRIL, MORNING, NIGHT, Filled, fill

ROLES = {
    "reception": "receptionist", "doctor": "doctor", "nurse": "nurse", "pharmacist": "pharmacist",
    "cashier": "cashier", "lab": "lab_technician", "admin": "hospital_admin", "privacy": "privacy_officer",
    "superadmin": None, "patient": "patient",
}  # fmt: skip


def test_everybody_and_every_place_is_there(morning: Filled) -> None:
    counts = {
        table: morning.value(f"SELECT count(*) FROM {table}")
        for table in ("organizations", "facilities", "rooms", "practitioners", "staff_members", "patients")
    }
    assert counts == {
        "organizations": 2, "facilities": 3, "rooms": 18, "practitioners": 16, "staff_members": 25, "patients": 500
    }  # fmt: skip
    assert morning.value("SELECT count(*) FROM practitioners WHERE kind = 'service'") == 2
    assert {row[0] for row in morning.rows("SELECT DISTINCT language FROM patients")} >= {"mr", "hi", "ta", "bn", "ur"}
    scripts = "".join(row[0] for row in morning.rows("SELECT name_local FROM patients WHERE name_local IS NOT NULL"))
    for letter in "दதবਪش":
        assert letter in scripts


def test_ninety_days_lie_behind_and_thirty_ahead(any_hour: Filled) -> None:
    first, last = any_hour.rows("SELECT min(starts_at), max(starts_at) FROM appointments")[0]
    assert any_hour.now - timedelta(days=91) < first < any_hour.now - timedelta(days=87)
    assert any_hour.now + timedelta(days=27) < last < any_hour.now + timedelta(days=31)
    kinds = {tuple(row) for row in any_hour.rows("SELECT DISTINCT kind, mode FROM appointments")}
    assert kinds == {("slot", "in-person"), ("slot", "video"), ("token", "in-person"), ("walk-in", "in-person")}


def test_one_date_gives_one_demo(empty: Callable[[str], Settings], morning: Filled) -> None:
    again = fill(empty("demo_again"), MORNING)
    modules.load_tables()
    for table in metadata.sorted_tables:
        # Each password's hash has a salt of its own.
        columns = ", ".join(c.name for c in table.columns if c.name != "password_hash")
        sql = f"SELECT {columns} FROM {table.name}"
        assert again.digest(sql) == morning.digest(sql), table.name


def test_the_hour_changes_nothing_but_today(morning: Filled, night: Filled) -> None:
    other_days = "SELECT * FROM appointments WHERE (starts_at AT TIME ZONE 'Asia/Kolkata')::date <> $1"
    assert morning.digest(other_days, morning.today) == night.digest(other_days, night.today)
    known = "SELECT mrn, name, birth_date, blood_group FROM patients"
    assert morning.digest(known) == night.digest(known)


def test_another_date_gives_other_people(morning: Filled, sunday: Filled) -> None:
    names = "SELECT name FROM patients"
    assert morning.digest(names) != sunday.digest(names)


TODAY = """
    SELECT a.status, t.status AS token, p.name AS doctor, f.code
    FROM appointments a JOIN practitioners p ON p.id = a.practitioner_id JOIN facilities f ON f.id = a.facility_id
    LEFT JOIN queue_tokens t ON t.appointment_id = a.id
    WHERE (a.starts_at AT TIME ZONE 'Asia/Kolkata')::date = $1 AND f.code <> 'NSK'
"""


def test_todays_queue_is_half_way(any_hour: Filled) -> None:
    today = any_hour.rows(TODAY, any_hour.today)
    stay = [row for row in today if row["status"] not in ("cancelled", "noshow")]
    seen = [row for row in stay if row["status"] == "fulfilled"]
    assert len(stay) >= 80
    assert 0.2 <= len(seen) / len(stay) <= 0.8
    tokens = [row["token"] for row in stay]
    assert tokens.count("in-consultation") >= 5
    assert tokens.count("called") == 1
    assert tokens.count("waiting") >= 6
    assert sum(row["status"] in ("booked", "pending") for row in stay) >= 5
    at_doctor = {row["doctor"] for row in stay if row["token"] == "in-consultation"}
    assert "Kavita Iyer" in at_doctor


def test_one_doctor_is_late_and_one_on_a_break(any_hour: Filled) -> None:
    days = any_hour.rows("SELECT p.name, d.* FROM practitioner_days d JOIN practitioners p ON p.id = d.practitioner_id")
    (late,) = [day for day in days if day["state"] == "late"]
    (away,) = [day for day in days if day["state"] == "on-break"]
    tokens = any_hour.rows(TODAY, any_hour.today)
    assert late["until"] > any_hour.now < away["until"]
    assert {row["token"] for row in tokens if row["doctor"] in (late["name"], away["name"])}.isdisjoint(
        {"in-consultation", "called"}
    )
    assert "waiting" in [row["token"] for row in tokens if row["doctor"] == late["name"]]
    assert sum(day["state"] == "here" for day in days) >= 7


def test_patients_are_booked_inside_a_leave_that_begins_soon(any_hour: Filled) -> None:
    leave = any_hour.rows(
        "SELECT e.starts_at, (SELECT count(*) FROM appointments a WHERE a.practitioner_id = e.practitioner_id"
        " AND a.status IN ('pending', 'booked') AND a.starts_at < e.ends_at AND a.ends_at > e.starts_at)"
        " FROM schedule_exceptions e WHERE e.reason = 'Called to the ward'"
    )
    ((starts_at, booked),) = leave
    assert any_hour.now < starts_at < any_hour.now + timedelta(minutes=30)
    assert booked >= 1


def test_nothing_has_happened_in_the_future(any_hour: Filled) -> None:
    modules.load_tables()
    past = ("created_at", "updated_at", "arrived_at", "checked_in_at", "fulfilled_at", "called_at", "started_at",
            "ended_at", "issued_at", "raised_at", "read_at", "at", "privacy_notice_at")  # fmt: skip
    for table in metadata.sorted_tables:
        for column in set(past) & set(table.columns.keys()):
            ahead = any_hour.value(f"SELECT count(*) FROM {table.name} WHERE {column} > $1", any_hour.now)
            assert ahead == 0, (table.name, column)


def test_each_visit_went_in_its_order(any_hour: Filled) -> None:
    wrong = any_hour.value("""
        SELECT count(*) FROM appointments a
        JOIN patients p ON p.id = a.patient_id LEFT JOIN queue_tokens t ON t.appointment_id = a.id
        WHERE p.created_at > a.created_at OR a.created_at > coalesce(a.arrived_at, a.starts_at)
           OR a.checked_in_at < a.arrived_at OR t.called_at < a.checked_in_at OR t.started_at < t.called_at
           OR t.ended_at <= t.started_at OR (a.status = 'fulfilled') <> (t.status IS NOT DISTINCT FROM 'done')
           OR (a.status IN ('arrived', 'checked-in', 'fulfilled')) <> (t.id IS NOT NULL)
           OR (a.status IN ('cancelled', 'noshow')) <> (a.ended_at IS NOT NULL)""")
    assert wrong == 0
    stale = "SELECT count(*) FROM appointments WHERE ends_at < $1 AND status IN ('pending', 'booked', 'arrived')"
    assert any_hour.value(stale, any_hour.now - timedelta(hours=1)) == 0


def test_counters_stand_at_the_last_number(any_hour: Filled) -> None:
    queues = any_hour.rows("""
        SELECT coalesce(c.last, 0) AS last, t.highest, t.given FROM queue_counters c FULL JOIN (
            SELECT practitioner_id, facility_id, day, session, max(number) AS highest, count(*) AS given
            FROM queue_tokens GROUP BY 1, 2, 3, 4) t USING (practitioner_id, facility_id, day, session)""")
    assert len(queues) > 500
    assert all(row["last"] == row["highest"] == row["given"] for row in queues)
    assert any_hour.value("""
        SELECT bool_and(c.last = p.highest) FROM mrn_counters c JOIN (
            SELECT organization_id, max(substring(mrn FROM '[0-9]+$')::int) AS highest FROM patients GROUP BY 1
        ) p USING (organization_id)""")


def test_receipts_have_no_gaps(any_hour: Filled) -> None:
    receipts = any_hour.rows(
        "SELECT f.code, r.number, r.issued_at, r.amount_paise, a.fee_paise, r.method, r.utr, r.is_verified"
        " FROM receipts r JOIN facilities f ON f.id = r.facility_id JOIN appointments a ON a.id = r.appointment_id"
        " ORDER BY r.issued_at, r.number"
    )
    series: dict[tuple[str, str], list[int]] = {}
    for row in receipts:
        code, year, number = row["number"].split("/")
        series.setdefault((code, year), []).append(int(number))
        assert code == row["code"]
        assert row["amount_paise"] == row["fee_paise"]
        assert (row["method"] == "upi") == (row["utr"] is not None) == (not row["is_verified"])
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in series.values())
    years = {year for _, year in series}
    assert years == ({"25-26", "26-27"} if any_hour.now == APRIL else {"26-27"})
    counters = any_hour.rows(
        "SELECT f.code, c.year, c.last FROM receipt_counters c JOIN facilities f ON f.id = facility_id"
    )
    assert {(row["code"], row["year"]): row["last"] for row in counters} == {k: len(v) for k, v in series.items()}


def test_free_revisits_follow_a_paid_visit(morning: Filled) -> None:
    groundless = """
        SELECT count(*) FROM appointments a WHERE a.is_free_revisit AND NOT EXISTS (
            SELECT FROM appointments b JOIN receipts r ON r.appointment_id = b.id
            WHERE b.patient_id = a.patient_id AND b.practitioner_id = a.practitioner_id
              AND b.starts_at < a.starts_at + interval '1 day' AND b.starts_at > a.starts_at - interval '15 days')"""
    assert morning.value(groundless) == 0
    assert morning.value("SELECT count(*) FROM appointments WHERE is_free_revisit") > 100
    assert morning.value("SELECT count(*) FROM appointments WHERE is_free_revisit <> (fee_paise = 0)") == 0


def test_numbers_are_of_ranges_that_nobody_has(morning: Filled) -> None:
    phones = [row[0] for row in morning.rows("SELECT number FROM patient_phones UNION SELECT phone FROM facilities "
              "UNION SELECT phone FROM practitioners WHERE kind = 'practitioner' "
              "UNION SELECT phone FROM staff_members")]  # fmt: skip
    assert all(re.fullmatch(r"90000 \d{5}", phone) for phone in phones)
    assert morning.value("SELECT bool_and(e164 = '+91' || replace(number, ' ', '')) FROM patient_phones")
    numbers = [row[0] for row in morning.rows("SELECT value FROM patient_identifiers WHERE kind = 'abha_number'")]
    assert len(numbers) > 150
    assert all(re.fullmatch(r"917000\d{8}", number) and luhn.is_valid(number) for number in numbers)
    vpas = morning.rows("SELECT upi_vpa FROM facilities")
    assert all(row[0].endswith("@invalid") for row in vpas)


def test_children_have_guardians_and_families_share_a_phone(morning: Filled) -> None:
    alone = """
        SELECT count(*) FROM patients p WHERE age($1::timestamptz, birth_date) < interval '17 years'
          AND NOT EXISTS (SELECT FROM patient_contacts c WHERE c.patient_id = p.id AND c.is_guardian)
          AND EXISTS (SELECT FROM patient_phones f JOIN patient_phones o ON o.number = f.number
                      AND o.patient_id <> f.patient_id WHERE f.patient_id = p.id)"""
    assert morning.value(alone, morning.now) == 0
    family = morning.rows("SELECT p.name FROM patients p JOIN patient_phones f ON f.patient_id = p.id "
                          "WHERE f.number = '90000 11207' ORDER BY 1")  # fmt: skip
    assert [row[0].split()[0] for row in family] == ["Aarav", "Ishita", "Kamala", "Mahesh", "Sunita"]
    assert morning.value("SELECT count(*) FROM patients WHERE mother_id IS NOT NULL") == 1
    assert morning.value("SELECT count(*) FROM patients WHERE is_unknown") == 2


def test_every_sign_in_is_there_with_its_role(morning: Filled) -> None:
    assert {username for _, username in demo.SIGN_INS} == set(ROLES)
    found = morning.rows("""
        SELECT l.value, u.is_platform_admin, c.password_hash, c.must_change, m.role FROM login_identifiers l
        JOIN users u ON u.id = l.user_id JOIN credentials c ON c.user_id = u.id
        LEFT JOIN memberships m ON m.user_id = u.id WHERE l.kind = 'username'""")
    by_name = {row["value"]: row for row in found}
    for username, role in ROLES.items():
        assert by_name[username]["role"] == role
        assert by_name[username]["is_platform_admin"] == (username == "superadmin")
        assert not by_name[username]["must_change"]
    assert scheme.verify("arogya-demo", by_name["doctor"]["password_hash"])
    assert {"admin2", "reception2", "dr.menon", "reception.wagholi", "auditor"} <= set(by_name)


def test_it_refuses_to_fill_twice(morning: Filled) -> None:
    assert demo.is_filled(morning.settings)
    assert not demo.is_needed(morning.settings)
    before = morning.value("SELECT count(*) FROM appointments")
    with pytest.raises(demo.NotEmpty):
        demo.fill(morning.settings, lambda *_: None, FixedClock(NIGHT))
    assert morning.value("SELECT count(*) FROM appointments") == before


async def test_it_never_mixes_with_a_real_hospital(config: Settings) -> None:
    assert not await asyncio.to_thread(demo.is_needed, config)
    assert not await asyncio.to_thread(demo.is_filled, config)
    with pytest.raises(demo.NotEmpty):
        await asyncio.to_thread(demo.fill, config, lambda *_: None, FixedClock(MORNING))


def test_it_is_all_or_nothing(empty: Callable[[str], Settings]) -> None:
    settings = empty("demo_broken")

    def stop(done: int, _total: int, label: str) -> None:
        if label == "Writing receipts":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        demo.fill(settings, stop, FixedClock(MORNING))
    assert demo.is_needed(settings)
    assert Filled(settings, MORNING).value("SELECT count(*) FROM appointments") == 0


def test_progress_goes_from_start_to_end_and_the_password_can_be_set(empty: Callable[[str], Settings]) -> None:
    settings = empty("demo_progress").model_copy(update={"demo_password": "another one entirely"})
    told: list[tuple[int, int, str]] = []
    begun = time.process_time()
    demo.fill(settings, lambda *step: told.append(step), FixedClock(MORNING))
    assert time.process_time() - begun < 6
    done = [step[0] for step in told]
    assert done == sorted(done)
    assert done[-1] == told[-1][1]
    assert len({label for _, _, label in told}) > 10
    kept = Filled(settings, MORNING).value("SELECT password_hash FROM credentials LIMIT 1")
    assert scheme.verify("another one entirely", kept)
