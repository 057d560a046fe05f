"""The floor's statements, shaped as the product's main ones."""

_FROM = """FROM appointments a
LEFT JOIN queue_tokens t ON t.organization_id = a.organization_id AND t.appointment_id = a.id
LEFT JOIN receipts r ON r.organization_id = a.organization_id AND r.appointment_id = a.id
WHERE a.organization_id = $1 AND a.facility_id = $2 AND a.starts_at >= $3 AND a.starts_at < $4"""
TODAY = f"""SELECT a.id, a.patient_id, a.practitioner_id, a.facility_id, a.schedule_id, a.kind, a.mode, a.status,
a.starts_at, a.ends_at, a.lane, a.reason, a.notes, a.source, a.fee_paise, a.arrived_at, a.checked_in_at, a.version,
t.number, t.status AS token_status, t.is_priority, r.number AS receipt, r.method {_FROM}
ORDER BY a.starts_at, a.id LIMIT $5"""
TODAY_TOTAL = f"SELECT count(*) FROM (SELECT 1 {_FROM} LIMIT 10001) AS found"
PEOPLE = """SELECT id, mrn, name, gender, birth_date, is_active FROM patients
WHERE organization_id = $1 AND id = ANY($2)"""
DOCTORS = """SELECT p.*, d.name AS department,
(SELECT coalesce(jsonb_agg(jsonb_build_object('facility_id', f.facility_id, 'room', f.room)), '[]')
FROM practitioner_facilities f WHERE f.organization_id = p.organization_id AND f.practitioner_id = p.id) AS facilities
FROM practitioners p LEFT JOIN departments d ON d.organization_id = p.organization_id AND d.id = p.department_id
WHERE p.organization_id = $1 AND p.id = ANY($2)"""
FACILITY = "SELECT * FROM facilities WHERE organization_id = $1 AND id = $2"
RULES = "SELECT * FROM booking_rules WHERE organization_id = $1"
PAID = """SELECT a.patient_id, a.practitioner_id, a.starts_at, r.issued_at, f.time_zone FROM appointments a
JOIN receipts r ON r.organization_id = a.organization_id AND r.appointment_id = a.id
JOIN facilities f ON f.organization_id = a.organization_id AND f.id = a.facility_id
WHERE a.organization_id = $1 AND a.patient_id = ANY($2) AND a.practitioner_id = ANY($3) AND a.starts_at >= $4
AND a.status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled') ORDER BY a.starts_at DESC"""
BUSY = """SELECT id, kind, practitioner_id, starts_at FROM appointments WHERE organization_id = $1 AND patient_id = $2
AND starts_at < $4 AND ends_at > $3 AND starts_at > $3 - interval '1 day'
AND status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')"""
LINE = """SELECT a.id, a.status, a.kind, a.starts_at, t.* FROM appointments a
LEFT JOIN queue_tokens t ON t.organization_id = a.organization_id AND t.appointment_id = a.id
WHERE a.organization_id = $1 AND a.facility_id = $2 AND a.practitioner_id = $3 AND a.starts_at >= $4
AND a.starts_at < $5"""
STATE = "SELECT * FROM practitioner_days WHERE organization_id = $1 AND facility_id = $2 AND day >= $3"
HELD = """SELECT appointment_id, number FROM queue_tokens WHERE organization_id = $1 AND patient_id = $2
AND practitioner_id = $3 AND facility_id = $4 AND day = $5
AND status IN ('waiting', 'called', 'in-consultation', 'skipped') LIMIT 1"""
PATIENT = """SELECT p.*, (SELECT jsonb_agg(jsonb_build_object('number', n.number)) FROM patient_phones n
WHERE n.organization_id = p.organization_id AND n.patient_id = p.id) AS phones,
(SELECT jsonb_agg(jsonb_build_object('kind', i.kind, 'value', i.value)) FROM patient_identifiers i
WHERE i.organization_id = p.organization_id AND i.patient_id = p.id) AS identifiers,
(SELECT jsonb_agg(jsonb_build_object('name', c.name, 'relation', c.relation, 'phone', c.phone)) FROM patient_contacts c
WHERE c.organization_id = p.organization_id AND c.patient_id = p.id) AS contacts,
(SELECT jsonb_agg(jsonb_build_object('purpose', c.purpose, 'is_given', c.is_given)) FROM patient_consents c
WHERE c.organization_id = p.organization_id AND c.patient_id = p.id) AS consents,
EXISTS (SELECT 1 FROM patient_photos f WHERE f.organization_id = p.organization_id AND f.id = p.id) AS has_photo
FROM patients p WHERE p.organization_id = $1 AND p.id = $2"""
SESSIONS = """SELECT s.id, s.facility_id, s.kind, s.slot_minutes, s.places, x.weekday, x.starts, x.ends
FROM schedules s JOIN schedule_sessions x ON x.organization_id = s.organization_id AND x.schedule_id = s.id
WHERE s.organization_id = $1 AND s.practitioner_id = $2 AND s.is_active"""
AWAY = """SELECT id, kind, starts_at, ends_at FROM schedule_exceptions
WHERE organization_id = $1 AND practitioner_id = $2 AND is_active AND starts_at < $4 AND ends_at > $3"""
TAKEN = """SELECT starts_at, ends_at, lane FROM appointments
WHERE organization_id = $1 AND practitioner_id = $2 AND starts_at >= $3 AND starts_at < $4
AND status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
BOOK = """INSERT INTO appointments (organization_id, id, patient_id, practitioner_id, facility_id, kind, mode, status,
starts_at, ends_at, during, lane, places, is_override, override_reason, reason, notes, source, fee_paise,
is_free_revisit, arrived_at, checked_in_at, version)
VALUES ($1, $2, $3, $4, $5, $6::varchar, 'in-person',
CASE WHEN $6::varchar = 'slot' THEN 'booked' ELSE 'checked-in' END, $7, $8,
CASE WHEN $6::varchar = 'slot' THEN tstzrange($7, $8) END, 1, 1, false, '', '', '', 'desk', 0, false, $9, $9, 1)"""
NUMBER = """INSERT INTO queue_counters (organization_id, practitioner_id, facility_id, day, session, last)
VALUES ($1, $2, $3, $4, 'bench', 1)
ON CONFLICT (organization_id, practitioner_id, facility_id, day, session)
DO UPDATE SET last = queue_counters.last + 1 RETURNING last"""
TOKEN = """INSERT INTO queue_tokens (organization_id, id, appointment_id, patient_id, practitioner_id, facility_id, day,
session, number, status, is_priority, due_at, issued_at, calls, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'bench', $8, 'waiting', true, $9, $9, 0, 1)"""
AUDIT = """INSERT INTO audit_entries (organization_id, id, at, actor_kind, roles, action, outcome, entity, entity_ids,
route, request_id, address, details) VALUES ($1, $2, $3, 'user', '{}', $4, 'success', $5, $6, '', '', '', '{}')"""
EMIT = """INSERT INTO outbox_events (organization_id, id, name, topic, payload, created_at, attempts)
VALUES ($1, $2, $3, 'appointments', $4, $5, 0)"""
