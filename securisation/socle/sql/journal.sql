-- Journal : qui a fait et qui a vu. Une chaîne par parcours (chaine > 0), une par acteur hors parcours (chaine < 0), 0 pour l'anonyme.
CREATE TABLE socle_journal (
    chaine bigint NOT NULL,
    seq bigint NOT NULL,
    quand timestamptz NOT NULL,
    fait_le timestamptz,                 -- moment repris d'un dossier passé, sinon NULL
    acteur bigint,
    action text NOT NULL,
    motif text NOT NULL DEFAULT '',
    modele text NOT NULL DEFAULT '',
    objet bigint,
    charge jsonb NOT NULL,
    sel bytea NOT NULL,
    empreinte_charge bytea NOT NULL,
    precedente bytea NOT NULL,
    empreinte bytea NOT NULL,
    PRIMARY KEY (chaine, seq, quand)
) PARTITION BY RANGE (quand);
CREATE TABLE socle_journal_reste PARTITION OF socle_journal DEFAULT;
CREATE INDEX socle_journal_acteur ON socle_journal (acteur, quand);
CREATE INDEX socle_journal_objet ON socle_journal (modele, objet, seq);

CREATE TABLE socle_tete (
    chaine bigint PRIMARY KEY,
    seq bigint NOT NULL,
    empreinte bytea NOT NULL
);

CREATE FUNCTION jalon_acteur() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('jalon.acteur', true), '')::bigint $$;

CREATE FUNCTION jalon_motif() RETURNS text LANGUAGE sql STABLE AS
$$ SELECT coalesce(nullif(current_setting('jalon.motif', true), ''), 'hors de l''application (' || session_user || ')') $$;

CREATE FUNCTION jalon_fait_le() RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT nullif(current_setting('jalon.reprise', true), '')::timestamptz $$;

-- Texte haché d'un maillon : la même phrase est recomposée par verifier_journal.
CREATE FUNCTION jalon_maillon(precedente bytea, empreinte_charge bytea, chaine bigint, seq bigint, quand timestamptz, fait_le timestamptz,
                              acteur bigint, action text, motif text, modele text, objet bigint)
RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(precedente || empreinte_charge || convert_to(jsonb_build_array(
        chaine, seq, (extract(epoch FROM quand) * 1000000)::bigint, (extract(epoch FROM fait_le) * 1000000)::bigint,
        acteur, action, motif, modele, objet)::text, 'UTF8'))
$$;

CREATE FUNCTION jalon_inscrire(p_chaine bigint, p_acteur bigint, p_action text, p_motif text, p_modele text, p_objet bigint, p_charge jsonb)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_tete socle_tete;
    v_quand timestamptz;
    v_fait_le timestamptz := jalon_fait_le();
    v_sel bytea := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
    v_charge bytea;
    v_empreinte bytea;
BEGIN
    SELECT * INTO v_tete FROM socle_tete WHERE chaine = p_chaine FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO socle_tete VALUES (p_chaine, 0, ''::bytea) ON CONFLICT DO NOTHING;
        SELECT * INTO v_tete FROM socle_tete WHERE chaine = p_chaine FOR UPDATE;
    END IF;
    v_quand := clock_timestamp();
    v_charge := sha256(v_sel || convert_to(p_charge::text, 'UTF8'));
    v_empreinte := jalon_maillon(v_tete.empreinte, v_charge, p_chaine, v_tete.seq + 1, v_quand, v_fait_le,
                                 p_acteur, p_action, p_motif, p_modele, p_objet);
    INSERT INTO socle_journal VALUES (p_chaine, v_tete.seq + 1, v_quand, v_fait_le, p_acteur, p_action, p_motif, p_modele, p_objet,
                                      p_charge, v_sel, v_charge, v_tete.empreinte, v_empreinte);
    UPDATE socle_tete SET seq = v_tete.seq + 1, empreinte = v_empreinte WHERE chaine = p_chaine;
    RETURN v_tete.seq + 1;
END $$;

-- Ajout seul : ni réécriture ni effacement, sauf le vidage des bases d'essai (jalon.essais, posé par les seuls réglages d'essai).
CREATE FUNCTION jalon_ajout_seul() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_setting('jalon.essais', true) = 'on' THEN RETURN NULL; END IF;
    RAISE EXCEPTION 'La table % ne se réécrit pas : elle fait preuve.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER ajout_seul BEFORE UPDATE OR DELETE OR TRUNCATE ON socle_journal FOR EACH STATEMENT EXECUTE FUNCTION jalon_ajout_seul();
CREATE TRIGGER pas_d_effacement BEFORE DELETE OR TRUNCATE ON socle_tete FOR EACH STATEMENT EXECUTE FUNCTION jalon_ajout_seul();

-- Empreinte d'une ligne d'historique : les colonnes vides n'y comptent pas, pour qu'une colonne ajoutée plus tard ne change pas le passé.
CREATE FUNCTION jalon_empreinte(ligne jsonb) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT encode(sha256(convert_to(jsonb_strip_nulls(ligne)::text, 'UTF8')), 'hex') $$;
