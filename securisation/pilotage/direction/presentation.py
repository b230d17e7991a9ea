"""Le contexte des pages de la direction, et du rapport d'activité en PDF et en classeur."""

from securisation.comptes.models import Equipe, Reglages
from securisation.documents import machine
from securisation.pilotage import calcul
from securisation.pilotage.direction import activite
from securisation.pilotage.direction import choix as choisir
from securisation.pilotage.edition import classeur, lecture
from securisation.socle import horloge
from securisation.socle.tableur import Feuille
from securisation.socle.templatetags.jalon import date_moyenne

TOUTES = "Toutes les équipes"
SANS_LIGNE = "Chaque ligne est de zéro à dix, ou protégée : rien ne s’y lirait."
_SINON = "ou un nombre qui en trahirait un autre : ce tableau ne se montre pas."
TROP_PEU = {
    "actions": f"Trop peu d’actions notées, {_SINON}",
    "participants": f"Trop peu de participants, {_SINON}",
    "heures": f"Trop peu d’heures notées, {_SINON}",
}
CHAPITRES = {
    "contacts": "Les contacts",
    "aller_vers": "Aller vers les personnes",
    "collectives": "Les actions collectives",
    "coordination": "La coordination des acteurs",
    "demandes": "Les demandes reçues",
}
ESSENTIEL = (
    ("contacts", "", "Contacts", "tous moyens réunis"),
    ("visites", "", "Visites à domicile", "tenues"),
    ("collectives", "", "Actions collectives", "toutes natures réunies"),
    ("participants", "", "Participants", "comptés, jamais nommés"),
    ("coordination", "", "Heures de coordination", "réunions et concertations"),
    ("decisions", "", "Demandes reçues", "sur l’année"),
)
RESTE = "Ces nombres restent dans l’association. Pour un financeur, préparez une édition : elle est attaquée contre toutes les autres."
METHODE = (
    "Les nombres comptent des parcours : l’accompagnement d’une personne, de son orientation à sa sortie.",
    "Ils sont recalculés à chaque ouverture de la page : une période en cours change encore.",
    "Les mêmes parcours donnent toujours le même nombre. Les personnes opposées aux statistiques ne sont pas comptées.",
    "Ce qui révèle la santé n’est dit qu’en une seule ligne, jamais en détail. Aucune moyenne n’est faite.",
    "Les périodes suivent le calendrier : deux périodes à un jour près permettraient de reconnaître quelqu’un.",
    RESTE,
)
METHODE_DE_L_ACTIVITE = (
    "Les contacts, les visites et les demandes sont lus des dossiers ; un nombre d’actes n’est dit que si onze parcours au moins y "
    "sont réunis ; sinon il est protégé, même s’il dépasse dix.",
    "Les actions collectives et leurs heures sont celles que les équipes ont notées. Le temps de coordination est la durée et la "
    "préparation des réunions de partenaires et des concertations : aucun temps n’est déduit d’un nombre d’actes.",
    "Un contact venu de la personne, ou resté sans réponse, compte comme les autres : les deux disent le travail fait.",
    "Une demande est décidée quand la personne est admise, ou orientée ailleurs ; le délai visé est de sept jours. Celles qui "
    "attendent, ou qui ont fini avant d’être qualifiées, se comptent comme dans une édition.",
    "Les personnes opposées aux statistiques ne sont pas comptées. Les nombres sont arrondis, puis un calcul vérifie qu’aucun petit "
    "nombre ne se déduit des autres.",
    RESTE,
)
NE_DIT_PAS = (
    "Rien n’y compte ni ne classe un professionnel ; deux équipes ne se comparent pas : territoires et publics diffèrent.",
    "Beaucoup de contacts ne dit pas un meilleur accompagnement, ni peu de contacts un moindre travail.",
    "Ce qui n’a pas été noté n’y est pas.",
)


def chiffres(choix, par):
    """La page des chiffres en direct."""
    figures = lecture.presenter(calcul.en_direct(choix.perimetre))
    proposes = choisir.proposes(par)
    codes = [code for code, _ in proposes["departements"]]
    return _page(choix, par, figures, METHODE) | proposes | {"codes": codes}


def rapport(choix, par):
    """La page du rapport d'activité."""
    figures = lecture.presenter(_activite(choix), CHAPITRES, ESSENTIEL)
    return _page(choix, par, figures, METHODE_DE_L_ACTIVITE) | choisir.proposes(par, annees_seules=True)


def _activite(choix):
    """Le contenu de l'activité ; un tableau d'actions, de participants ou d'heures ne se dit pas refusé faute de parcours."""
    contenu = activite.compter(choix)
    for tableau in contenu["tableaux"]:
        if tableau["refus"] and tableau["unite"] in TROP_PEU:
            tableau["refus"] = TROP_PEU[tableau["unite"]]
    return contenu


def _conseil(choix, par):
    """Ce qui montrerait des nombres, parmi ce qui n'est pas déjà choisi."""
    gestes = [
        ("une période plus longue", len(choix.periode) > 4),
        ("toutes les équipes", choix.equipe and len(choisir.equipes_de(par)) > 1),
        ("tout le territoire", choix.departement),
    ]
    gestes = [geste for geste, possible in gestes if possible]
    if not gestes:
        return " Ils paraîtront quand l’activité de l’année le permettra ; une autre année en a peut-être."
    return f" Prenez {' ou '.join(gestes)}."


def _page(choix, par, figures, methode):
    _taire_le_vide(figures)
    return {
        "choix": choix,
        "periode": choisir.en_mots(choix.periode),
        "qui": qui(choix),
        "figures": figures,
        "rien": not figures["chapitres"],
        "conseil": _conseil(choix, par) if not figures["chapitres"] else "",
        "textes": _textes(methode),
        "direction": par.a_fonction("DIRECTION"),
    }


def _taire_le_vide(figures):
    """Un tableau dont aucune ligne n'est un nombre ne se dessine pas ; ce qui se tait pour la même raison se dit ensemble."""
    raisons = {}
    for refus in figures["refuses"]:
        raisons.setdefault(refus["pourquoi"], []).append(refus["titre"])
    for chapitre in figures["chapitres"]:
        muets = [t for t in chapitre["tableaux"] if t["forme"] != "nombre" and not _dit_un_nombre(t)]
        chapitre["tableaux"] = [t for t in chapitre["tableaux"] if t not in muets]
        raisons.setdefault(SANS_LIGNE, []).extend(t["titre"] for t in muets)
    figures["chapitres"] = [chapitre for chapitre in figures["chapitres"] if chapitre["tableaux"]]
    figures["refuses"] = [{"titre": " ; ".join(titres), "pourquoi": dit} for dit, titres in raisons.items() if titres]


def _dit_un_nombre(tableau):
    cases = [case for ligne in tableau["lignes"] for case in ligne["cases"]]
    return any(ligne["part"] is not None for ligne in tableau["lignes"]) or any(case["publie"] for case in cases)


def _textes(methode):
    return {
        "lire": [{"mot": mot, "sens": sens} for mot, sens in lecture.LIRE],
        "methode": methode,
        "ne_dit_pas": NE_DIT_PAS,
        "refuses": "Ce qui ne peut pas être montré",
    }


def qui(choix):
    """Les équipes que ces nombres couvrent, en mots."""
    if not choix.equipes:
        return TOUTES
    return ", ".join(Equipe.objects.filter(pk__in=choix.equipes).values_list("nom", flat=True))


# -- le rapport d'activité, à garder


def pdf(choix):
    """Le rapport d'activité en PDF (machine.Pdf), ses nombres joints (docs/activite.schema.json)."""
    contenu = _activite(choix)
    figures = lecture.presenter(contenu, CHAPITRES, ESSENTIEL)
    donnees = pieces_jointes(choix, contenu)
    titres = [*(chapitre["titre"] for chapitre in figures["chapitres"]), "Méthode et limites"]
    contexte = {
        "doc": _couverture(choix),
        "figures": figures,
        "rangees": [figures["essentiel"][rang : rang + 3] for rang in range(0, len(figures["essentiel"]), 3)],
        "textes": _textes(METHODE_DE_L_ACTIVITE),
        "sommaire": [(f"s{rang}", titre) for rang, titre in enumerate(titres, 1)],
        "rang_methode": len(titres),
        "empreinte": machine.empreinte(donnees),
    }
    return machine.produire("pilotage/pdf/activite.html", contexte, donnees=donnees, le=horloge.maintenant())


def pieces_jointes(choix, contenu):
    """Ce qui voyage dans le PDF : la période, les équipes en mots, les nombres tels que la page les dit."""
    dits = {"schema": "activite/1", "periode": choix.periode, "equipes": qui(choix)}
    return dits | {"etabli_le": horloge.aujourd_hui().isoformat(), "contenu": lecture.publie(contenu)}


def _couverture(choix):
    jour, periode, equipes = horloge.aujourd_hui(), choisir.en_mots(choix.periode), qui(choix)
    return {
        "titre": "Rapport d’activité",
        "parcours": choix.periode,
        "association": Reglages.actuels().nom,
        "sujet": f"Rapport d’activité, {periode}, {equipes}. Aucune personne n’y est nommée.",
        "date_iso": jour.isoformat(),
        "numero_complet": f"Rapport d’activité {choix.periode}",
        "personne": periode.capitalize(),
        "personne_suite": equipes,
        "faits": [
            {"k": "Période", "v": periode.capitalize(), "s": "en cours" if choix.est_en_cours else ""},
            {"k": "Équipes", "v": equipes},
            {"k": "Établi le", "v": date_moyenne(jour)},
        ],
    }


def feuilles(choix):
    """Les feuilles du classeur : de quoi le lire, puis une par tableau."""
    contenu = _activite(choix)
    dits = [
        ["Période", choisir.en_mots(choix.periode)],
        ["Équipes", qui(choix)],
        ["Établi le", date_moyenne(horloge.aujourd_hui())],
    ]
    dits += [[mot, sens] for mot, sens in lecture.LIRE] + [["Méthode", phrase] for phrase in METHODE_DE_L_ACTIVITE]
    dits += [["Ce que ces nombres ne disent pas", phrase] for phrase in NE_DIT_PAS]
    dits += [["Tableau non montré", f"{t['titre']} : {t['refus']}"] for t in contenu["tableaux"] if t["refus"]]
    return [Feuille(classeur.LIRE, ["Quoi", "Texte"], dits), *classeur.des_tableaux(contenu["tableaux"])]
