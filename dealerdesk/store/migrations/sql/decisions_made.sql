-- What is asked of a decision before it is written: the rules that SQLite holds in five guards, with one look at the
-- command for all of them. A decision of a command that is not there fails at its key.
CREATE FUNCTION decisions_made() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    c record;
    quoted CONSTANT text := replace(replace(NEW.staff, chr(92), chr(92) || chr(92)), '"', chr(92) || '"');
    sentence text;
BEGIN
    SELECT kind, payload, payload_hash, requested_by, state INTO c FROM commands WHERE id = NEW.command_id;
    sentence := CASE
        WHEN c.kind IN ('add_staff', 'change_role', 'set_scopes', 'set_active', 'make_login', 'drop_login')
            AND strpos(c.payload, ',"staff":"' || quoted || '"}') > 0
            OR c.kind = 'cover_absence' AND (strpos(c.payload, ',"cover":"' || quoted || '",') > 0
                OR strpos(c.payload, '{"absent":"' || quoted || '",') > 0)
            THEN 'nobody decides what is about themselves'
        WHEN NEW.for_staff <> '' AND NEW.for_staff <> NEW.staff AND (
            c.requested_by = NEW.for_staff
            OR NOT EXISTS (SELECT 1 FROM covers v WHERE v.cover = NEW.staff AND v.absent = NEW.for_staff
                AND v.from_us <= NEW.decided_us AND NEW.decided_us < v.until_us))
            THEN 'nobody decides for a colleague whom they do not stand in for'
        WHEN NEW.staff = c.requested_by THEN 'nobody decides their own request'
        WHEN NEW.payload_hash <> c.payload_hash THEN 'what is decided is not what was asked for'
        WHEN c.state <> 'requested' THEN 'only a waiting request is decided'
    END;
    IF sentence IS NOT NULL THEN
        RAISE EXCEPTION '%', sentence USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER decisions_made BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION decisions_made();
ALTER TABLE decisions ENABLE ALWAYS TRIGGER decisions_made;
REVOKE ALL ON FUNCTION decisions_made() FROM PUBLIC;
ALTER FUNCTION decisions_made() OWNER TO dealerdesk_tables;
