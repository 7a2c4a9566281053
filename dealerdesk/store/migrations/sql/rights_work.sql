-- What the owners, the procedures and the hub may write, row by row. Rights on tables and columns stand in the step.

DO $$
DECLARE
    one regclass;
BEGIN
    FOR one IN
        SELECT oid FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', one);
        -- foreign keys are checked as the table's owner
        EXECUTE format(
            'CREATE POLICY inner_work ON %s TO dealerdesk_tables, dealerdesk_audit, dealerdesk_procedures,'
            ' dealerdesk_registrar, dealerdesk_watchdog USING (true) WITH CHECK (true)', one);
        CONTINUE WHEN one::text IN ('commands', 'audit', 'subject_keys');
        -- rows without a command are those of the set-up, which is not the hub's
        EXECUTE format('CREATE POLICY hub_work ON %s TO dealerdesk_hub USING (true) WITH CHECK (%s)', one, CASE
            WHEN one::text IN ('staff', 'staff_logins', 'staff_scopes', 'policies', 'client_ratings', 'contacts')
            THEN 'command_id IS NOT NULL' ELSE 'true' END);
    END LOOP;
END $$;

CREATE POLICY hub_reads ON commands FOR SELECT TO dealerdesk_hub USING (true);

-- the hub moves on what people let through; none of its moves lets anything through
CREATE POLICY hub_executes ON commands FOR UPDATE TO dealerdesk_hub
    USING (true) WITH CHECK (state IN ('expired', 'dispatched', 'confirmed', 'failed', 'unknown'));

CREATE POLICY hub_reads ON audit FOR SELECT TO dealerdesk_hub USING (true);

-- the hub destroys keys; it makes none, or it would know it
CREATE POLICY hub_reads ON subject_keys FOR SELECT TO dealerdesk_hub USING (true);
CREATE POLICY hub_erases ON subject_keys FOR INSERT TO dealerdesk_hub WITH CHECK (key IS NULL);
CREATE POLICY hub_destroys ON subject_keys FOR UPDATE TO dealerdesk_hub USING (true) WITH CHECK (key IS NULL);

-- What the hub writes down is its own doing; only a procedure speaks for a person. What is sealed and read is the entry's
-- own text: it must say what it is filed under, each once, and belong to this transaction. (A zero, which no text here
-- can hold, is looked past.)
CREATE POLICY hub_notes ON audit FOR INSERT TO dealerdesk_hub WITH CHECK (
    actor IN ('hub', 'policy', 'system')
    AND action NOT IN (
        'command requested', 'command approved', 'command approved by one', 'command refused', 'command withdrawn',
        'first password set', 'signed in', 'signed out', 'asked to read', 'read')
    -- no look-alike of these, and nothing of another time
    AND action ~ '^[a-z]+([ -][a-z]+)*$'
    AND at_us BETWEEN api.clock_us() - 600000000 AND api.clock_us() + 600000000
    AND txid = pg_current_xact_id()::text::bigint
    AND leaf_hash = encode(sha256('\x00'::bytea || convert_to(entry, 'UTF8')), 'hex')
    AND (
        SELECT (said ->> 'id', said ->> 'actor', said ->> 'action', said ->> 'subject', said ->> 'server')
            = (entry_id, actor, action, subject, server)
            AND (said ->> 'at_us', said ->> 'kind') = (at_us::text, kind)
            AND (said ->> 'login', said ->> 'client_id') IS NOT DISTINCT FROM (login::text, client_id::text)
            AND (SELECT count(*) = count(DISTINCT field) FROM json_object_keys(said) AS field)
        FROM (SELECT replace(entry, '\u0000', '\u0020')::json AS said) AS read)
);
