-- Les empreintes d'une édition publiée disent contre quoi les suivantes se comparent : elles ne changent plus. Seul un parcours effacé les quitte.
CREATE FUNCTION pilotage_empreintes_figees() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM touchees t JOIN pilotage_edition e ON e.id = t.edition_id WHERE e.etat IN ('publiee', 'remplacee', 'retiree')) THEN
        RAISE EXCEPTION 'Les empreintes d''une édition publiée ne changent plus.' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER empreintes_ajoutees AFTER INSERT ON pilotage_empreintededition REFERENCING NEW TABLE AS touchees
    FOR EACH STATEMENT EXECUTE FUNCTION pilotage_empreintes_figees();
CREATE TRIGGER empreintes_retirees AFTER DELETE ON pilotage_empreintededition REFERENCING OLD TABLE AS touchees
    FOR EACH STATEMENT EXECUTE FUNCTION pilotage_empreintes_figees();

CREATE FUNCTION pilotage_empreinte_figee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Une empreinte ne se récrit pas : son parcours effacé la quitte, rien d''autre.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER empreinte_figee BEFORE UPDATE ON pilotage_empreintededition FOR EACH ROW
    WHEN (NEW.parcours_id IS NOT NULL OR (NEW.id, NEW.edition_id, NEW.empreinte, NEW.accompagne)
          IS DISTINCT FROM (OLD.id, OLD.edition_id, OLD.empreinte, OLD.accompagne))
    EXECUTE FUNCTION pilotage_empreinte_figee();
