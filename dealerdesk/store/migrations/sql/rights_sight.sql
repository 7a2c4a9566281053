-- Which rows a person sees. The policies ask functions without arguments, each in a sub-select: once a statement and not
-- once a row. Who has no active login of an active person sees no row at all.

-- The servers of which the caller sees anything, for themselves or for whom they stand in; «*» stands for every one.
CREATE FUNCTION api.any_servers() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT CASE WHEN scope.server = '' THEN '*' ELSE scope.server END), '{}')
    FROM api.scopes() AS scope;
END;

CREATE FUNCTION api.is_staff() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT api.person() IS NOT NULL;
END;

-- accounts first: what belongs to an account, and a client, is seen by who sees the account
CREATE POLICY seen ON accounts FOR SELECT TO dealerdesk_staff USING (
    (SELECT api.sees_all())
    OR server = ANY ((SELECT api.seen_servers())::text[])
    OR ARRAY[server || chr(10) || group_name, chr(10) || group_name] && (SELECT api.seen_groups())
);

DO $$
DECLARE
    one text;
BEGIN
    FOREACH one IN ARRAY ARRAY[
        'routing', 'positions', 'orders', 'requests', 'deals', 'balance_operations', 'day_ends', 'advice'
    ] LOOP
        EXECUTE format(
            'CREATE POLICY seen ON %I FOR SELECT TO dealerdesk_staff USING ('
            ' (SELECT api.sees_all()) OR server = ANY ((SELECT api.seen_servers())::text[])'
            ' OR (server, login) IN (SELECT a.server, a.login FROM accounts AS a'
            ' WHERE ARRAY[a.server || chr(10) || a.group_name, chr(10) || a.group_name] && (SELECT api.seen_groups())))', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY['client_ratings', 'documents'] LOOP
        EXECUTE format(
            'CREATE POLICY seen ON %I FOR SELECT TO dealerdesk_staff USING ('
            ' (SELECT api.sees_all()) OR client_id IN (SELECT a.client_id FROM accounts AS a))', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY['symbols', 'groups', 'quote_samples', 'streams', 'hub_status', 'change_feed'] LOOP
        EXECUTE format(
            'CREATE POLICY seen ON %I FOR SELECT TO dealerdesk_staff USING ('
            ' (SELECT api.sees_all()) OR ARRAY[server, ''*''] && (SELECT api.any_servers())'
            ' OR server = '''' AND (SELECT api.is_staff()))', one);
    END LOOP;
    FOREACH one IN ARRAY ARRAY[
        'staff', 'staff_logins', 'staff_scopes', 'policies', 'covers', 'command_kinds', 'command_transitions',
        'settings', 'hub_lease', 'audit_order', 'audit_seals'
    ] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO dealerdesk_staff USING ((SELECT api.is_staff()))', one);
    END LOOP;
END $$;

CREATE POLICY seen ON clients FOR SELECT TO dealerdesk_staff USING (
    (SELECT api.sees_all()) OR (server, id) IN (SELECT a.server, a.client_id FROM accounts AS a)
);

CREATE POLICY seen ON commands FOR SELECT TO dealerdesk_staff USING (
    (SELECT api.sees_all())
    OR server = ANY ((SELECT api.seen_servers())::text[])
    OR ARRAY[server || chr(10) || group_name, chr(10) || group_name] && (SELECT api.seen_groups())
    OR requested_by = (SELECT api.person())
    OR server = '' AND (SELECT api.is_staff())
    AND (client_id IS NULL OR client_id IN (SELECT a.client_id FROM accounts AS a))
);

CREATE POLICY seen ON decisions FOR SELECT TO dealerdesk_staff USING (
    (SELECT api.sees_all()) OR command_id IN (SELECT c.id FROM commands AS c)
);

CREATE POLICY seen ON batches FOR SELECT TO dealerdesk_staff USING (
    (SELECT api.sees_all()) OR id IN (SELECT c.batch_id FROM commands AS c)
);

CREATE POLICY seen ON audit FOR SELECT TO dealerdesk_staff USING (
    (SELECT api.sees_all())
    OR server = ANY ((SELECT api.seen_servers())::text[])
    OR (server, login) IN (SELECT a.server, a.login FROM accounts AS a)
    OR server = '' AND (SELECT api.is_staff())
    AND (client_id IS NULL OR client_id IN (SELECT a.client_id FROM accounts AS a))
);
