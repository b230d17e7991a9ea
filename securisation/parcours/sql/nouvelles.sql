-- La durée de conservation court des dernières nouvelles venues de la personne ; à défaut, de l'ouverture du parcours.
-- Ici : ses demandes (et leur retrait), ses accords, refus et retraits. Un étage du dessus dit les siennes en redéfinissant cette fonction.
CREATE FUNCTION parcours_nouvelles_d_en_haut(cible bigint) RETURNS date LANGUAGE sql STABLE AS $$ SELECT NULL::date $$;
CREATE FUNCTION parcours_dernieres_nouvelles(cible bigint) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        greatest((SELECT max(greatest(recue_le, CASE WHEN etat = 'retiree' THEN (modifie_le AT TIME ZONE 'Europe/Paris')::date END))
                    FROM parcours_demande WHERE parcours_id = cible),
                 (SELECT max(greatest(le, retire_le)) FROM parcours_accord WHERE parcours_id = cible),
                 parcours_nouvelles_d_en_haut(cible)),
        (SELECT (cree_le AT TIME ZONE 'Europe/Paris')::date FROM parcours_parcours WHERE id = cible))
$$;
CREATE FUNCTION parcours_tenir_les_nouvelles() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cible bigint := CASE WHEN TG_OP = 'DELETE' THEN OLD.parcours_id ELSE NEW.parcours_id END;
    lecteur text := coalesce(current_setting('jalon.lecteur', true), '');
    jour date;
BEGIN
    -- Le délégué répond à une demande sans voir le dossier : la date se lit derrière le mur (cloison.py), puis le lecteur est rendu.
    PERFORM set_config('jalon.lecteur', 'systeme', true);
    jour := parcours_dernieres_nouvelles(cible);
    PERFORM set_config('jalon.lecteur', lecteur, true);
    UPDATE parcours_parcours SET derniere_nouvelle_le = jour WHERE id = cible AND derniere_nouvelle_le IS DISTINCT FROM jour;
    RETURN NULL;
END $$;
CREATE TRIGGER tenir_les_nouvelles AFTER INSERT OR UPDATE OR DELETE ON parcours_demande
    FOR EACH ROW EXECUTE FUNCTION parcours_tenir_les_nouvelles();
CREATE TRIGGER tenir_les_nouvelles AFTER INSERT OR UPDATE OR DELETE ON parcours_accord
    FOR EACH ROW EXECUTE FUNCTION parcours_tenir_les_nouvelles();
