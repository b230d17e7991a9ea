-- Un texte publié fait preuve de ce qui a été lu à la personne : ni réécriture ni suppression.
CREATE FUNCTION annuaire_texte_fige() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Un texte d''accord publié ne se récrit pas : écrivez une nouvelle version.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER texte_fige BEFORE UPDATE OR DELETE ON annuaire_texteaccord FOR EACH ROW
    WHEN (OLD.publie_le IS NOT NULL) EXECUTE FUNCTION annuaire_texte_fige();
