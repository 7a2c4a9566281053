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
        CONTINUE WHEN one::text IN ('commands', 'audit');
        EXECUTE format('CREATE POLICY hub_work ON %s TO dealerdesk_hub USING (true) WITH CHECK (true)', one);
    END LOOP;
END $$;

CREATE POLICY hub_reads ON commands FOR SELECT TO dealerdesk_hub USING (true);

-- the hub moves on what people let through; none of its moves lets anything through
CREATE POLICY hub_executes ON commands FOR UPDATE TO dealerdesk_hub
    USING (true) WITH CHECK (state IN ('expired', 'dispatched', 'confirmed', 'failed', 'unknown'));

CREATE POLICY hub_reads ON audit FOR SELECT TO dealerdesk_hub USING (true);

-- what the hub writes down is its own doing; only a procedure speaks for a person
CREATE POLICY hub_notes ON audit FOR INSERT TO dealerdesk_hub WITH CHECK (actor IN ('hub', 'policy', 'system'));
