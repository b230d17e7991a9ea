-- Le second mur : qui lit, qui écrit les tables sensibles d'un parcours. Les politiques de chaque table appellent ces deux fonctions.
CREATE OR REPLACE FUNCTION jalon_lecteur() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('jalon.lecteur', true), '') $$;

-- Même définition que Parcours.visibles_pour, écrite ici une seconde fois pour que l'oubli de l'une ne soit pas celui de l'autre :
-- un rôle sur le parcours, la supervision de son équipe s'il n'est pas restreint, une ouverture motivée en cours.
CREATE OR REPLACE FUNCTION jalon_place(p_compte bigint, p_parcours bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE v_jour date := (now() AT TIME ZONE 'Europe/Paris')::date;
BEGIN
    IF EXISTS (SELECT 1 FROM public.parcours_attribution a JOIN public.comptes_professionnel u ON u.id = a.user_id
                WHERE a.content_object_id = p_parcours AND a.user_id = p_compte AND u.is_active AND u.equipe_id IS NOT NULL)
    THEN RETURN 'role'; END IF;
    IF EXISTS (SELECT 1 FROM public.parcours_parcours p
                 JOIN public.comptes_fonction f ON f.equipe_id = p.equipe_id AND f.professionnel_id = p_compte AND f.genre = 'SUPERVISEUR'
                 JOIN public.comptes_professionnel u ON u.id = f.professionnel_id
                WHERE p.id = p_parcours AND NOT p.restreint AND u.is_active AND f.du <= v_jour AND (f.au IS NULL OR f.au >= v_jour))
    THEN RETURN 'supervision'; END IF;
    IF EXISTS (SELECT 1 FROM public.parcours_ouverture o
                 JOIN public.comptes_fonction f ON f.professionnel_id = o.professionnel_id AND f.genre = 'DPO'
                 JOIN public.comptes_professionnel u ON u.id = o.professionnel_id
                WHERE o.parcours_id = p_parcours AND o.professionnel_id = p_compte AND o.refermee_le IS NULL
                  AND o.jusqu_au > clock_timestamp() AND u.is_active AND f.du <= v_jour AND (f.au IS NULL OR f.au >= v_jour))
    THEN RETURN 'ouverture'; END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION jalon_voit(p_parcours bigint) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000 AS $$
DECLARE v_lecteur text := jalon_lecteur();
BEGIN
    IF v_lecteur = 'systeme' THEN RETURN true; END IF;
    IF p_parcours IS NULL THEN RETURN false; END IF;
    IF v_lecteur ~ '^[0-9]{1,18}$' THEN RETURN jalon_place(v_lecteur::bigint, p_parcours) IS NOT NULL; END IF;
    RETURN v_lecteur = 'parcours:' || p_parcours;
END $$;

-- Écrire demande un rôle ou la supervision : ni une ouverture motivée, ni la lecture d'un seul parcours n'écrivent.
CREATE OR REPLACE FUNCTION jalon_ecrit(p_parcours bigint) RETURNS boolean LANGUAGE plpgsql STABLE COST 1000 AS $$
DECLARE v_lecteur text := jalon_lecteur();
BEGIN
    IF v_lecteur = 'systeme' THEN RETURN true; END IF;
    IF p_parcours IS NULL OR v_lecteur !~ '^[0-9]{1,18}$' THEN RETURN false; END IF;
    RETURN coalesce(jalon_place(v_lecteur::bigint, p_parcours) IN ('role', 'supervision'), false);
END $$;
