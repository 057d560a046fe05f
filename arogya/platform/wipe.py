"""Taking everything of ours out of the database; extensions stay."""

# Waits ten seconds for others to let go of the tables.
DROP_EVERYTHING = """
SET lock_timeout = '10s';
SET client_min_messages = warning;
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP %s IF EXISTS %s CASCADE', kind, name) FROM (
            SELECT 1 AS turn, oid, 'pg_class'::regclass AS catalog, oid::regclass::text AS name,
                   CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                                ELSE 'TABLE' END AS kind
              FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            UNION ALL
            SELECT 2, oid, 'pg_proc'::regclass, oid::regprocedure::text, 'ROUTINE'
              FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT 3, oid, 'pg_type'::regclass, oid::regtype::text, 'TYPE'
              FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'c')
        ) AS thing
        WHERE NOT EXISTS (SELECT FROM pg_depend
                           WHERE classid = thing.catalog AND objid = thing.oid AND deptype IN ('e', 'i'))
        ORDER BY turn
    LOOP
        EXECUTE statement;
    END LOOP;
END $$;
"""
