-- Clés de tri tenues par la base : parcours.echeance = plus proche dû ; chaque rôle recopie l'échéance et la phase de son parcours.
CREATE FUNCTION parcours_tenir_echeance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE cible bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.parcours_id ELSE NEW.parcours_id END;
BEGIN
    UPDATE parcours_parcours p SET echeance = m.date
      FROM (SELECT coalesce(min(date), DATE '9999-12-31') AS date FROM parcours_echeance WHERE parcours_id = cible) m
     WHERE p.id = cible AND p.echeance IS DISTINCT FROM m.date;
    RETURN NULL;
END $$;
CREATE TRIGGER tenir_echeance AFTER INSERT OR UPDATE OR DELETE ON parcours_echeance FOR EACH ROW EXECUTE FUNCTION parcours_tenir_echeance();

CREATE FUNCTION parcours_recopier_vers_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE parcours_attribution SET echeance = NEW.echeance, phase = NEW.etat WHERE content_object_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER recopier_vers_roles AFTER UPDATE OF echeance, etat ON parcours_parcours FOR EACH ROW
    WHEN (OLD.echeance IS DISTINCT FROM NEW.echeance OR OLD.etat IS DISTINCT FROM NEW.etat) EXECUTE FUNCTION parcours_recopier_vers_roles();

CREATE FUNCTION parcours_recopier_au_depart() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT echeance, etat INTO NEW.echeance, NEW.phase FROM parcours_parcours WHERE id = NEW.content_object_id;
    RETURN NEW;
END $$;
CREATE TRIGGER recopier_au_depart BEFORE INSERT ON parcours_attribution FOR EACH ROW EXECUTE FUNCTION parcours_recopier_au_depart();
