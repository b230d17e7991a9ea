"""La vie des parcours du banc : qui existe, quels faits, dans quel ordre ils ont été écrits."""

from outils.banc.lots import VERSIONS, Faits

PRENOMS = "{Awa,Nadia,Karim,Jeanne,Odile,Samir,Lucie,Yanis,Fatou,Hugo,Ines,Marc,Rosa,Paul,Lina,Omar,Eva,Luc,Zoe,Ivan}"
DEBUTS = "{Mar,Ber,Lan,Dur,Ker,Ben,Mor,Gar,Rou,Tou,Vil,Bar,Cha,Del,Fon,Gui,Lam,Mou,Per,Sal,Tra,Val,Wei,Zan}"
FINS = (
    "{tin,nard,glois,and,mann,ali,eau,nier,ssel,rain,lard,din,pont,cour,tain,bert,bot,quet,rez,vador,ore,lin,dig,etti}"
)
PRENOM = f"pg_temp.mot(l.i, 11, '{PRENOMS}')"
SUITES = '{"","","",el,on,ard,ie,eau}'
NOM = f"pg_temp.mot(l.i, 12, '{DEBUTS}') || pg_temp.mot(l.i, 13, '{FINS}') || pg_temp.mot(l.i, 14, '{SUITES}')"
NOTE = "'Appel passé ensemble au bailleur : le rendez-vous est confirmé, la personne apporte les trois dernières quittances'"
_AXE = "(SELECT id FROM ref_axe a WHERE a.n = (s.n - 1) % 5 + 1)"
_FACTEUR = "(SELECT f.id FROM ref_facteur f JOIN ref_axe a ON a.id = f.axe_id WHERE f.rang = 1 AND a.n = {n})"
SEUL = "lot l CROSS JOIN (VALUES (0)) s(n)"


def _si(etats, *, n="(VALUES (0))"):
    """Les parcours dans l'un de ces états, croisés avec les rangs `n`."""
    return f"lot l CROSS JOIN {n} s(n) WHERE l.etat IN ({', '.join(repr(etat) for etat in etats)})"


def _rangs(lourd, leger=1):
    """Rangs 1 à `lourd` pour les dossiers mesurés, 1 à `leger` pour les autres."""
    return f"LATERAL generate_series(1, CASE WHEN l.lourd THEN {lourd} ELSE {leger} END)"


DIAGNOSTIQUES = ["diagnostic", "intervention", "sortie", "clos"]
SUIVIS, SORTIS = DIAGNOSTIQUES[1:], DIAGNOSTIQUES[2:]
ADMIS = ["admis", "interrompu", *DIAGNOSTIQUES]
_ETATS = {"admis": 2, "non_admis": 2, "interrompu": 3, "diagnostic": 3, "intervention": 4, "sortie": 5, "clos": 6}
_VERSION = "CASE l.etat " + " ".join(f"WHEN '{etat}' THEN {n}" for etat, n in _ETATS.items()) + " ELSE 1 END"
_VALIDE = "l.etat <> 'diagnostic'"
_CLOS_LE = "CASE WHEN l.etat = 'clos' THEN l.recue + 130 WHEN l.etat = 'interrompu' THEN l.recue + 30 END"

FAITS = {
    "personne": Faits(
        "parcours.Personne",
        1,
        {
            "prenom": PRENOM,
            "nom": NOM,
            "cle": f"lower({PRENOM} || ' ' || {NOM})",
            "annee_naissance": "1945 + pg_temp.tire(l.i, 15, 60)",
            "commune": "'Laval'",
            "code_postal": "'53000'",
            "telephone": '\'06 \' || to_char(pg_temp.tire(l.i, 19, 100000000), \'FM00" "00" "00" "00\')',
            "foyer": "'Vit seule'",
        },
        motif="enregistrer",
    ),
    "parcours": Faits(
        "parcours.Parcours",
        1,
        {
            "version": _VERSION,
            "numero": "'P-' || extract(year FROM l.recue) || '-' || lpad(l.i::text, 7, '0')",
            "personne_id": "l.i",
            "equipe_id": "l.equipe",
            "restreint": "NOT l.lourd AND pg_temp.tire(l.i, 16, 50) = 0",
            "etat": "l.etat",
            "echeance": "l.echeance",
            "recue_le": "l.recue",
            "origine_id": "(SELECT min(id) FROM annuaire_origine)",
            "orienteur": "'CCAS de Laval'",
            "demande": "'Deux loyers de retard et un courrier du bailleur resté sans réponse.'",
            "clos_le": _CLOS_LE,
            "motif_interruption": "CASE WHEN l.etat = 'interrompu' THEN 'souhait' ELSE '' END",
        },
    ),
    "attribution": Faits(
        "parcours.Attribution",
        4,
        {
            "permission_id": "(SELECT p.id FROM auth_permission p WHERE codename = CASE s.n WHEN 1 THEN 'referent' ELSE 'intervenant' END)",
            "user_id": "CASE s.n WHEN 1 THEN l.referent ELSE l.intervenant END",
            "content_object_id": "l.i",
            "echeance": "l.echeance",
            "phase": "l.etat",
        },
        "lot l CROSS JOIN generate_series(1, 2) s(n)",
        "2 + t.id % 4",
        "attribuer_role",
    ),
    "qualification": Faits(
        "parcours.Qualification",
        1,
        {
            "le": "l.recue",
            **dict.fromkeys(("facteurs_identifies", "droit_commun_mobilise_ou_mobilisable"), "true"),
            **dict.fromkeys(
                ("trajectoire_fragile_malgre_ces_mobilisations", "action_ciblee_necessaire"), "l.etat <> 'non_admis'"
            ),
            "decision": "CASE WHEN l.etat = 'non_admis' THEN 'non_admise' ELSE 'admise' END",
            "motif": "'Impayé et perte de revenus liés.'",
            "orientation_proposee_id": "CASE WHEN l.etat = 'non_admis' THEN (SELECT min(id) FROM annuaire_levier) END",
            "reponse_donnee_le": "CASE WHEN l.etat = 'non_admis' THEN l.recue + 3 END",
        },
        _si(["non_admis", *ADMIS]),
        "19",
        "prononcer",
    ),
    "accord": Faits(
        "parcours.Accord",
        4,
        {
            "finalite_id": "(SELECT id FROM annuaire_finalite WHERE code = (ARRAY['ADHESION', 'INFORMATION', 'PARTAGE'])[s.n])",
            "accorde": "true",
            "le": "l.recue",
            "mode": "'écrit signé'",
            "partenaire": "CASE s.n WHEN 3 THEN 'Bailleur social' ELSE '' END",
            "axes": "CASE s.n WHEN 3 THEN '{LOG,BUD}' ELSE '{}' END::varchar[]",
            "jusqu_au": "CASE s.n WHEN 3 THEN CURRENT_DATE + 20 END",
        },
        _si(ADMIS, n=_rangs(3)),
        "21 + t.id % 4",
        "recueillir",
    ),
    "diagnostic": Faits(
        "diagnostics.Diagnostic",
        1,
        {
            "version": f"CASE WHEN {_VALIDE} THEN 2 ELSE 1 END",
            "rang": "1",
            "etat": f"CASE WHEN {_VALIDE} THEN 'valide' ELSE 'brouillon' END",
            "ouvert_le": "l.recue + 10",
            "valide_le": f"CASE WHEN {_VALIDE} THEN l.recue + 20 END",
            "valide_par_id": f"CASE WHEN {_VALIDE} THEN l.referent END",
            "priorite_de_la_personne": "'Garder le logement.'",
        },
        _si(DIAGNOSTIQUES),
    ),
    "evaluation": Faits(
        "diagnostics.EvaluationAxe",
        8,
        {
            "diagnostic_id": "l.i",
            "axe_id": "s.id",
            "criticite": f"CASE WHEN {_VALIDE} OR s.n <= 3 THEN pg_temp.tire(l.i * 8 + s.n, 17, 5) END",
            "criticite_de_la_personne": "pg_temp.tire(l.i * 8 + s.n, 18, 5)",
            "parole": "CASE WHEN l.lourd THEN 'Je fais ce que je peux, mais je n''ose plus ouvrir les courriers.' ELSE '' END",
            "points_d_appui": "CASE WHEN l.lourd THEN 'Une voisine l''accompagne aux rendez-vous.' ELSE '' END",
        },
        "lot l CROSS JOIN ref_axe s WHERE l.etat IN ('diagnostic', 'intervention', 'sortie', 'clos')",
        "45 + t.id % 8",
        "coter",
    ),
    "facteur": Faits(
        "diagnostics.FacteurRetenu",
        64,
        {
            "evaluation_id": "l.i * 8 + s.axe",
            "facteur_id": "s.id",
            "constate": "'constaté'",
            "note": "CASE WHEN l.lourd THEN 'Trois mois, 1 240 euros ; échéancier à demander.' ELSE '' END",
        },
        "lot l CROSS JOIN (SELECT f.id, f.rang, a.n AS axe, a.n * 8 + f.rang AS n FROM ref_facteur f JOIN ref_axe a ON a.id = f.axe_id) s "
        "WHERE l.etat IN ('diagnostic', 'intervention', 'sortie', 'clos') "
        "AND (l.lourd AND s.rang <= 2 OR s.rang = 1 AND s.axe = 1 + l.i % 5)",
        "55 + t.id % 64 / 2",
        "retenir",
    ),
    "domino": Faits(
        "diagnostics.DominoExamine",
        8,
        {
            "diagnostic_id": "l.i",
            "de_id": _FACTEUR.format(n="s.n"),
            "vers_id": _FACTEUR.format(n="s.n + 1"),
            "retenu": "true",
            "note": "'La dette de loyer entraîne la procédure.'",
        },
        _si(DIAGNOSTIQUES, n=_rangs(3, 0)),
        "92",
        "examiner",
    ),
    "intervention": Faits(
        "interventions.Intervention",
        1,
        {
            "version": "CASE WHEN l.etat = 'clos' THEN 2 ELSE 1 END",
            "diagnostic_id": "l.i",
            "etat": "CASE WHEN l.etat = 'clos' THEN 'terminee' ELSE 'en_cours' END",
            "objectif": "'Sécuriser le bail et l''échéancier avant le terme.'",
            "demarre_le": "l.recue + 40",
            "duree_jours": "90",
            "terme": "l.recue + 130",
            "terminee_le": "CASE WHEN l.etat = 'clos' THEN l.recue + 130 END",
        },
        _si(SUIVIS),
    ),
    "action": Faits(
        "interventions.Action",
        16,
        {
            "intervention_id": "l.i",
            "etat": "CASE WHEN l.etat = 'clos' THEN 'close' ELSE 'ouverte' END",
            "levier_id": "(SELECT min(id) FROM annuaire_levier)",
            "axe_id": _AXE,
            "facteur_id": _FACTEUR.format(n="(s.n - 1) % 5 + 1"),
            "mode_id": "(SELECT min(id) FROM annuaire_modeaction)",
            "intitule": "'Dossier FSL maintien, pièces ' || s.n",
            "ns1": "'oui'",
            "ns2_sollicite_le": "l.recue + 42",
            "ns3": "'la personne avec le dispositif'",
            "ns4_relais": "'Service social du Département'",
            "reponse_attendue_le": "l.recue + 60 + s.n",
            "issue_id": "CASE WHEN l.etat = 'clos' THEN (SELECT id FROM annuaire_issuedemarche WHERE code = 'DEM-OK') END",
            "issue_le": "CASE WHEN l.etat = 'clos' THEN l.recue + 90 END",
        },
        _si(SUIVIS, n=_rangs(6)),
        "105 + t.id % 16",
        "inscrire",
    ),
    "contact": Faits(
        "interventions.Contact",
        128,
        {
            "version": f"CASE WHEN l.lourd THEN {VERSIONS} ELSE 1 END",
            "intervention_id": "l.i",
            "le": "l.recue + 40 + s.n - 1",
            "canal": "'téléphone'",
            "de_la_personne": "s.n % 3 = 0",
            "note": f"{NOTE} (' || s.n || ').'".replace("quittances'", "quittances"),
            "par_id": "l.referent",
        },
        _si(SUIVIS, n=_rangs(20)),
        "130 + t.id % 128",
        "noter",
    ),
    "suspension": Faits(
        "interventions.Suspension",
        2,
        {"intervention_id": "l.i", "du": "l.recue + 45", "au": "l.recue + 50", "motif": "'Absence annoncée.'"},
        _si(SUIVIS, n=_rangs(1, 0)),
        "160",
        "suspendre",
    ),
    "entourage": Faits(
        "parcours.Entourage",
        4,
        {"nom": "'Mme Voisine ' || s.n", "lien": "'voisine'", "role": "'PROCHE'"},
        _si(ADMIS, n=_rangs(2, 0)),
        "26",
        "inscrire",
    ),
    "sortie": Faits(
        "sorties.Sortie",
        1,
        {
            "version": "CASE WHEN l.etat = 'clos' THEN 2 ELSE 1 END",
            "etat": "CASE WHEN l.etat = 'clos' THEN 'validee' ELSE 'brouillon' END",
            "ouverte_le": "l.recue + 115",
            "validee_le": "CASE WHEN l.etat = 'clos' THEN l.recue + 130 END",
            "validee_par_id": "CASE WHEN l.etat = 'clos' THEN l.referent END",
            "motif_id": "(SELECT min(id) FROM annuaire_motifsortie)",
            "evaluateur_identique": "true",
            "parole_de_la_personne": "'Je dors mieux, le bail est gardé.'",
            "remis_a_la_personne": "'{bilan}'::varchar[]",
        },
        _si(SORTIS),
    ),
    "cotation": Faits(
        "sorties.CotationSortie",
        8,
        {
            "sortie_id": "l.i",
            "axe_id": "s.id",
            "criticite": "pg_temp.tire(l.i * 8 + s.n, 19, 3)",
            "criticite_de_la_personne": "pg_temp.tire(l.i * 8 + s.n, 20, 3)",
        },
        "lot l CROSS JOIN ref_axe s WHERE l.etat IN ('sortie', 'clos')",
        "402 + t.id % 8",
        "recoter",
    ),
    "risque": Faits(
        "sorties.Risque",
        8,
        {
            "sortie_id": "l.i",
            "risque_id": "(SELECT min(id) FROM annuaire_risqueresiduel) + s.n",
            "relais": "'Service social du Département'",
            "relais_confirme_le": "l.recue + 120",
            "signal_d_alerte": "'Un courrier du bailleur resté fermé.'",
        },
        _si(["clos"], n=_rangs(3, 0)),
        "411",
        "inscrire",
    ),
}


def histoires():
    """Les écritures d'un lot, génération par génération."""
    deux_temps = {"parcours", "diagnostic", "intervention", "sortie", "contact"}
    simples = [faits.histoire() for nom, faits in FAITS.items() if nom not in deux_temps]
    return simples + _du_parcours() + _des_phases() + _des_contacts()


def _du_parcours():
    f, vivant = FAITS["parcours"].histoire, {"clos_le": "NULL::date", "motif_interruption": "''"}
    apres = {
        "interrompu": f(minute="30", motif="interrompre", genre="~", rang="2", ou="AND l.etat = 'interrompu'", etat="'interrompu'",
                        clos_le="t.clos_le", motif_interruption="t.motif_interruption"),
        "clos": f(minute="420", motif="clore", genre="~", rang="5", ou="AND l.etat = 'clos'", etat="'clos'", clos_le="t.clos_le"),
    }  # fmt: skip
    etapes = [("admis", ADMIS, 20, 1, "admettre"), ("non_admis", ["non_admis"], 20, 1, "ne_pas_admettre"),
              ("diagnostic", DIAGNOSTIQUES, 40, 2, "commencer_diagnostic"),
              ("intervention", SUIVIS, 100, 3, "commencer_intervention"), ("sortie", SORTIS, 400, 4, "commencer_sortie")]  # fmt: skip
    suites = [
        f(minute=str(minute), motif=motif, genre="~", rang=str(rang), ou=f"AND l.etat IN ({str(etats)[1:-1]})", version=rang + 1,
          etat=f"'{etat}'", **vivant)
        for etat, etats, minute, rang, motif in etapes
    ]  # fmt: skip
    return [f(minute="1", motif="ouvrir", version="1", etat="'oriente'", **vivant), *suites, *apres.values()]


def _des_phases():
    d, i, s = (FAITS[nom].histoire for nom in ("diagnostic", "intervention", "sortie"))
    return [
        d(minute="41", motif="ouvrir", version="1", etat="'brouillon'", valide_le="NULL::date", valide_par_id="NULL::bigint"),
        d(minute="95", motif="valider", genre="~", rang="1", ou=f"AND {_VALIDE}", etat="'valide'", valide_le="t.valide_le",
          valide_par_id="t.valide_par_id"),
        i(minute="99", motif="demarrer", version="1", etat="'en_cours'", terminee_le="NULL::date"),
        i(minute="418", motif="terminer", genre="~", rang="1", ou="AND l.etat = 'clos'", etat="'terminee'", terminee_le="t.terminee_le"),
        s(minute="401", motif="ouvrir", version="1", etat="'brouillon'", validee_le="NULL::date", validee_par_id="NULL::bigint"),
        s(minute="419", motif="valider", genre="~", rang="1", ou="AND l.etat = 'clos'", etat="'validee'", validee_le="t.validee_le",
          validee_par_id="t.validee_par_id"),
    ]  # fmt: skip


def _des_contacts():
    """Un contact noté ; dans les dossiers mesurés, cinquante versions de chacun, pour une histoire longue."""
    f = FAITS["contact"].histoire
    suites = f"CROSS JOIN generate_series(2, {VERSIONS}) v(v)"
    return [
        f(version="1"),
        f(minute="1010 + v.v * 600 + t.id % 128 * 30", motif="noter", genre="~", rang="v.v - 1", de=suites, ou="AND l.lourd", version="v.v",
          note="t.note || ' Relance numéro ' || v.v || '.'"),
    ]  # fmt: skip
