"""Les données du référentiel et de l'annuaire : des mots de l'association, et les coordonnées de structures."""

from securisation.socle.donnees import GARDEE, Donnees, Traitement

TRAITEMENTS = {
    "annuaire": Traitement(
        "Référentiel et annuaire",
        "Tenir les mots du métier et l’annuaire des structures vers qui orienter.",
        "Intérêt légitime de l’association (RGPD, article 6.1.f).",
        "Structures et leurs services ; professionnels qui relisent l’annuaire.",
        "Toutes les équipes.",
    )
}
_NOMENCLATURE = "id code ordre ferme_le relecture relu_le relu_par champs_corriges propre_a_l_association"


def _nomenclature(metier=""):
    return Donnees("annuaire", GARDEE, technique=_NOMENCLATURE, metier=f"libelle {metier}")


def _sans_libelle(metier):
    return Donnees("annuaire", GARDEE, technique=_NOMENCLATURE, metier=metier)


DONNEES = {
    "Axe": _nomenclature("libelle_facile_a_lire"),
    "Criticite": _nomenclature("niveau ancrage delai_action delai_jours"),
    "Ancrage": _sans_libelle("axe niveau ancrage"),
    "Facteur": _nomenclature("axe echeance_a_saisir criticite_indicative revele_la_sante"),
    "LienDomino": _sans_libelle("de vers delai force mecanisme"),
    "RisqueResiduel": _nomenclature("axes revele_la_sante"),
    "Origine": _nomenclature(),
    "Public": _nomenclature("revele_la_sante provenance"),
    "Levier": _nomenclature(
        "axes type delai_et_silence silence_mois silence_effet silence_source recours_mois recours_aupres delai_verifie_le "
        "delai_verifie_par revele_la_sante"
    ),
    "ModeAction": _nomenclature(),
    "IssueDemarche": _nomenclature("ouverte"),
    "MotifSortie": _nomenclature("nature"),
    "MotifNonSollicitation": _nomenclature(),
    "QuestionNonSubstitution": _sans_libelle("question reponse_attendue"),
    "Finalite": _nomenclature("portee obligatoire_pour permet validite_jours"),
    "RoleParcours": _nomenclature("sens"),
    "ModeleCourrier": _nomenclature("usage objet corps"),
    "ObjectifPraps": _nomenclature("numero nature rattachable_a_un_parcours reserve"),
    "ActionCollective": _nomenclature(),
    "Departement": _nomenclature("region"),
    "Epci": _nomenclature("departement codes_postaux"),
    "Structure": Donnees(
        "annuaire",
        GARDEE,
        contact="adresse code_postal commune telephone courriel site",
        technique="id",
        metier="nom type departement epci precisions verifiee_le verifiee_par fermee_le leviers",
    ),
    "Structure_leviers": Donnees("annuaire", GARDEE, technique="id structure levier"),
    "TexteAccord": Donnees(
        "annuaire", GARDEE, technique="id empreinte", metier="finalite version texte publie_le propre_a_l_association"
    ),
    "TermeDeGarde": Donnees(
        "annuaire",
        GARDEE,
        technique="id forme",
        metier="sens terme suggestion motif ecrit_le ecrit_par retire_le retire_par",
    ),
}
