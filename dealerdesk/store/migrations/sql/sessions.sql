-- Signing in and out, on record, and what a desk puts on record in its person's own name.

-- The person's identity as JSON. Without a program's name nothing is written: a desk asks again who it is.
CREATE FUNCTION api.sign_in(program text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who CONSTANT api.caller := api.who();
    now_us CONSTANT bigint := api.clock_us();
    scopes text;
BEGIN
    IF who.problem IS NOT NULL THEN
        RETURN api.refuse('refused', who.problem, who.id, 'sign-in refused', who.id, '', '', origin, '{}');
    END IF;
    IF coalesce(program, '') <> '' THEN
        PERFORM api.write_audit(now_us, who.id, 'signed in', who.id, '', NULL, NULL, '', '',
            left(coalesce(origin, ''), 200), '{}', '{"address":' || api.quoted(host(inet_client_addr()))
            || ',"login":' || api.quoted(session_user) || ',"program":' || api.quoted(left(program, 100)) || '}');
    END IF;
    SELECT '[' || coalesce(string_agg(
        '{"group":' || api.quoted(staff_scopes.group_name) || ',"server":' || api.quoted(staff_scopes.server) || '}', ','
        ORDER BY staff_scopes.server, staff_scopes.group_name), '') || ']'
    INTO scopes FROM staff_scopes WHERE staff_scopes.staff = who.id;
    RETURN '{"database_id":'
        || api.quoted(coalesce((SELECT value FROM settings WHERE settings.name = 'database_id'), ''))
        || ',"login":' || api.quoted(session_user) || ',"name":' || api.quoted(who.name)
        || ',"outcome":"done","role":' || api.quoted(who.role) || ',"scopes":' || scopes
        || ',"server_time_us":' || now_us || ',"staff":' || api.quoted(who.id) || '}';
END $$;

CREATE FUNCTION api.sign_out(origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who CONSTANT api.caller := api.who();
BEGIN
    IF who.problem IS NOT NULL THEN
        RETURN api.refuse('refused', who.problem, who.id, 'sign-out refused', who.id, '', '', origin, '{}');
    END IF;
    PERFORM api.write_audit(api.clock_us(), who.id, 'signed out', who.id, '', NULL, NULL, '', '',
        left(coalesce(origin, ''), 200), '{}', '{"login":' || api.quoted(session_user) || '}');
    RETURN api.outcome('done', '', who.id);
END $$;
