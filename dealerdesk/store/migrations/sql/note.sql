-- What a desk does by itself and puts on record: nothing else can be written into the audit log from outside.

CREATE FUNCTION api.note(action text, subject text, detail jsonb, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who CONSTANT api.caller := api.who();
    after text;
    sentence text := who.problem;
BEGIN
    IF detail IS NULL THEN
        after := '{}';
    ELSIF length(detail::text) <= 5000 AND NOT jsonb_path_exists(detail, 'strict $.**{9}') THEN
        after := api.canonical(detail); -- nothing nested so deep that a reader of the log gives up
    END IF;
    IF sentence IS NULL THEN
        sentence := CASE
            WHEN action IS NULL OR action NOT IN ('exported', 'setting changed', 'locked', 'unlocked')
                THEN 'A desk does not put this on record: ' || coalesce(left(action, 64), '')
            WHEN length(subject) > 200 THEN 'The subject is longer than 200 characters'
            WHEN after IS NULL OR left(after, 1) <> '{' OR length(after) > 4000 THEN 'The detail is not a small JSON object'
        END;
    END IF;
    IF sentence IS NOT NULL THEN
        RETURN api.refuse('refused', sentence, who.id, 'note refused', subject, '', '', origin, '{}');
    END IF;
    PERFORM api.write_audit(api.clock_us(), who.id, action, coalesce(subject, ''), '', NULL, NULL, '', '',
        left(coalesce(origin, ''), 200), '{}', after);
    RETURN api.outcome('done', '', subject);
END $$;
