"""Le registre des traitements se lit sans connaître la machine."""

from securisation.socle import donnees


class TestMots:
    def test_le_registre_ne_parle_pas_comme_la_machine(self):
        """Un mot obscur (« de », « saisie », un nom de champ sans accent) se dit dans `mots`, à côté de l'étiquette."""
        obscurs = {
            "de",
            "vers",
            "saisie",
            "contenu",
            "instantané",
            "charge",
            "données",
            "note",
            "motif",
            "place",
            "lien",
        }
        dits = [mot for ligne in donnees.registre()["traitements"] for _, mots in ligne["categories"] for mot in mots]
        assert [
            mot
            for mot in dits
            if mot in obscurs or "," in mot.replace("champs : états, dates, nombres, décisions,", "")
        ] == []
        noms = {
            nom.replace("_", " ") for table in donnees.tables().donnees.values() for nom in table.champs() if "_" in nom
        }
        ecrans = {"code postal"}
        assert sorted(set(dits) & noms - ecrans) == []

    def test_un_mot_du_registre_dit_un_champ_qui_existe(self):
        for label, table in donnees.tables().donnees.items():
            assert set(table.mots) <= set(table.champs()), label
