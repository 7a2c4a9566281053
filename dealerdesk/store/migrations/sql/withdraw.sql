-- Taking back one's own request, as long as it has not been dispatched.

CREATE FUNCTION api.withdraw_command(id text, reason text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who api.caller := api.who();
    command commands;
    why CONSTANT text := left(api.trimmed(reason), 500);
    sentence text := who.problem;
BEGIN
    IF sentence IS NULL THEN
        -- held only for whoever may move it: a stranger's transaction keeps nobody waiting
        SELECT * INTO command FROM commands
        WHERE commands.id = withdraw_command.id AND commands.requested_by = who.id FOR UPDATE;
        IF command.id IS NULL THEN
            SELECT * INTO command FROM commands WHERE commands.id = withdraw_command.id;
        END IF;
        who := api.who(); -- who waited may no longer be who they were
        IF who.problem IS NOT NULL THEN
            sentence := who.problem;
        ELSIF command.id IS NULL OR (command.requested_by <> who.id AND NOT api.sees(command.server, command.group_name))
        THEN
            sentence := 'There is no command ' || coalesce(left(id, 64), '');
        ELSIF command.requested_by <> who.id THEN
            sentence := 'Only ' || command.requested_by || ' can withdraw what ' || command.requested_by
                || ' asked for';
        ELSIF command.state = 'withdrawn' THEN
            RETURN api.outcome('done', '', id);
        ELSIF command.state NOT IN ('requested', 'approved') THEN
            sentence := '«' || command.title || '» is ' || command.state || ': it is too late to withdraw it';
        END IF;
    END IF;
    IF sentence IS NOT NULL THEN
        RETURN api.refuse('refused', sentence, who.id, 'withdrawal refused', id, command.server, command.kind, origin,
            '{}', command.client_id);
    END IF;
    PERFORM api.move(command, 'withdrawn', who.id, api.clock_us(), why, left(coalesce(origin, ''), 200), NULL, NULL,
        true);
    RETURN api.outcome('done', '', id);
END $$;
