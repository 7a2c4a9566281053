-- Sessions that have to end: a timeout is a setting that its own session may change, so somebody else looks after it.
-- Only people's sessions are ended, never a service's or a superuser's.

CREATE FUNCTION api.is_a_persons(role_id oid) RETURNS boolean LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT 1 FROM pg_catalog.pg_auth_members AS m JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
        WHERE m.member = role_id AND g.rolname = 'dealerdesk_staff')
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles AS r WHERE r.oid = role_id AND (r.rolsuper OR r.rolcreaterole));
END;

-- how many sessions were ended because their transaction was open for more than `max_s` seconds
CREATE FUNCTION api.end_long_transactions(max_s integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended integer;
BEGIN
    SELECT count(*) INTO ended FROM (
        SELECT pg_terminate_backend(a.pid) AS is_ended FROM pg_stat_activity AS a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND api.is_a_persons(a.usesysid)
        AND a.xact_start < clock_timestamp() - make_interval(secs => greatest(max_s, 1))
        OFFSET 0
    ) AS sessions WHERE is_ended;
    RETURN ended;
END $$;

-- how many sessions of people were ended who have been told to go: no active login, or not active themselves
CREATE FUNCTION api.end_sessions_of_inactive() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended integer;
BEGIN
    SELECT count(*) INTO ended FROM (
        SELECT pg_terminate_backend(a.pid) AS is_ended FROM pg_stat_activity AS a
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND api.is_a_persons(a.usesysid)
        AND NOT EXISTS (
            SELECT 1 FROM staff_logins AS l JOIN staff AS s ON s.id = l.staff
            WHERE l.login = a.usename AND l.active AND s.active)
        OFFSET 0
    ) AS sessions WHERE is_ended;
    RETURN ended;
END $$;

CREATE FUNCTION api.end_sessions(of_login text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended integer;
BEGIN
    SELECT count(*) INTO ended FROM (
        SELECT pg_terminate_backend(a.pid) AS is_ended FROM pg_stat_activity AS a
        WHERE a.usename = of_login AND a.pid <> pg_backend_pid() AND api.is_a_persons(a.usesysid)
        OFFSET 0
    ) AS sessions WHERE is_ended;
    RETURN ended;
END $$;
