"""Le contexte des pages d'une édition et d'une convention : ce que le gabarit montre, et ce que ce compte peut y faire."""

from django.db.models import prefetch_related_objects
from django.urls import reverse

from securisation.comptes.models import Fonction, Reglages
from securisation.documents.instantane import accord
from securisation.documents.verification import reference
from securisation.pilotage.edition import actes, fiches, lecture, lisible
from securisation.pilotage.edition.perimetre import figer
from securisation.pilotage.models import Edition, FichierDEdition
from securisation.pilotage.models.edition import EN_COURS, SORTIES, Etat

LECTEURS = "comptes de financeur pourront"
# Ce qui se dit d'une édition contrôlée que rien ne laisse publier telle quelle : dans les listes et sur sa page, le même mot.
IMPUBLIABLE, A_RECONTROLER = "Non publiable en l’état", "À recontrôler"
TONS = {
    "Publiée": "green",
    "Remplacée": "amber",
    "Retirée": "red",
    "Contrôlée": "blue",
    IMPUBLIABLE: "red",
    A_RECONTROLER: "amber",
}


def liste(par):
    """Les éditions sorties que ce compte lit, la plus récente d'abord."""
    lignes = [ligne(edition) for edition in actes.lues_par(par).filter(etat__in=SORTIES)]
    return {"lignes": lignes, "direction": par.a_fonction(Fonction.Genre.DIRECTION)}


def etat_dit(edition, parues):
    """Son état en un mot ; contrôlée, ce qui l'empêche de paraître passe avant. `parues` : combien d'éditions le registre compte."""
    if edition.etat != Etat.CONTROLEE:
        return edition.get_etat_display()
    if edition.permise is not True:
        return IMPUBLIABLE
    if not edition.fictive and edition.registre_vu != parues:
        return A_RECONTROLER
    return edition.get_etat_display()


def ligne(edition, parues=0):
    """Une édition dans une liste."""
    etat = etat_dit(edition, parues)
    return {
        "etat": etat,
        "ton": TONS.get(etat, ""),
        "edition": edition,
        "titre": lecture.titre_de(edition),
        "financeur": edition.definition["convention"]["financeur"],
        "convention": edition.definition["convention"]["numero"],
    }


def convention(objet, par):
    """La page d'une convention : sa fiche et les éditions que ce compte en lit."""
    direction = par.a_fonction(Fonction.Genre.DIRECTION)
    editions = list(actes.lues_par(par).filter(convention=objet))
    en_cours = [e for e in editions if e.etat in EN_COURS]
    parues = Edition.objects.du_registre().count() if en_cours else 0
    return {
        "convention": objet,
        "fiche": fiches.de_la_convention(objet, _lecteurs(objet) if direction else None),
        "direction": direction,
        "en_cours": [ligne(e, parues) for e in en_cours],
        "sorties": [ligne(e) for e in editions if e.etat in SORTIES],
    }


def _lecteurs(objet):
    """Les comptes qui lisent cette convention, avec leurs fonctions, en une requête quel que soit leur nombre."""
    lecteurs = list(objet.lecteurs.all())
    prefetch_related_objects(lecteurs, "fonctions")
    return lecteurs


def fichiers(objet, par):
    """Ce que vaut une édition et où en sont ses fichiers ; `suivi` : le cadre de progression tant qu'il en manque."""
    faits = {f.genre: f for f in FichierDEdition.objects.filter(edition=objet).defer("contenu")}
    return {
        "edition": objet,
        "pdf": faits.get("pdf"),
        "verifier": reverse("documents:verifier", args=[reference(objet.numero, objet.cle)]) if "pdf" in faits else "",
        "classeurs": [faits[genre] for genre in FichierDEdition.TABLEAUX if genre in faits],
        "remplacante": objet.remplacante if objet.etat == Etat.REMPLACEE else None,
        "direction": par.a_fonction(Fonction.Genre.DIRECTION),
        "suivi": _suivi_des_fichiers(objet, faits),
    }


def _suivi_des_fichiers(objet, faits):
    """Ils se produisent ensemble : le CSV seul ne manque qu'à une édition parue avant lui, à qui rien ne manque, sauf échec."""
    manquent = set(FichierDEdition.Genre.values) - set(faits)
    if objet.etat == Etat.RETIREE or not manquent:
        return None
    if objet.erreur:
        titre = "Les fichiers n’ont pas été produits" if "pdf" in manquent else "Un fichier n’a pas été produit"
        return {"etat": "echec", "titre": titre, "erreur": objet.erreur}
    if manquent == {"csv"}:
        return None
    etape = "Ils sont prêts en quelques secondes. Cette page se met à jour seule."
    return {"etat": "cours", "titre": "Le PDF et les tableaux se préparent", "etape": etape}


def edition(objet, par):
    """La page d'une édition sortie ; retirée, elle ne montre plus ses nombres."""
    contexte = fichiers(objet, par)
    direction = contexte["direction"]
    return contexte | {
        "titre": lecture.titre_de(objet),
        "fiche": fiches.de_l_edition(objet.definition),
        "figures": lecture.presenter(lu) if (lu := lisible.contenu(objet)) else None,
        "changements": lisible.changements(objet),
        "textes": textes(objet),
        "association": Reglages.actuels().nom,
        "corrigeable": direction and objet.etat == Etat.PUBLIEE,
        "retirable": direction and objet.etat in (Etat.PUBLIEE, Etat.REMPLACEE),
    }


def controle(objet):
    """La page de contrôle : les nombres, le rapport de l'attaquant, ce qui empêche de publier."""
    contexte = {"edition": objet, "titre": lecture.titre_de(objet), "fiche": fiches.de_l_edition(objet.definition)}
    contexte["suivi"] = suivi(objet)
    if objet.etat != Etat.CONTROLEE:
        return contexte
    empeche = actes.pourquoi_pas(objet)
    a_recontroler = empeche in (actes.A_RECONTROLER, actes.MOTS_A_REVOIR)
    return contexte | {
        "figures": lecture.presenter(objet.contenu),
        "changements": lisible.changements(objet),
        "rapport": lecture.rapport_dit(objet.rapport, objet.registre_vu),
        "refuses": _refuses_ensemble(objet),
        "empeche": empeche,
        "a_recontroler": a_recontroler,
        "etat": A_RECONTROLER if a_recontroler else IMPUBLIABLE,
        "recalculable": not empeche or (not actes.est_hors_convention(objet) and _recalculer_changerait(objet)),
        "textes": textes(objet),
    }


def _refuses_ensemble(objet):
    """Les tableaux refusés, ceux de même raison et de même proposition dits ensemble."""
    titres = {t["code"]: t["titre"] for t in objet.contenu.get("tableaux", [])}
    ensemble = {}
    for refus in objet.rapport.get("refuses", []):
        titre = titres.get(refus["code"], refus["code"])
        ensemble.setdefault((refus["pourquoi"], refus.get("proposition", "")), []).append(titre)
    return [
        {"titre": " ; ".join(noms), "pourquoi": pourquoi, "proposition": proposition}
        for (pourquoi, proposition), noms in ensemble.items()
    ]


def _recalculer_changerait(objet):
    """Faux quand aucun tableau ne se montre et que la convention n'a pas changé : les mêmes parcours donneraient le même refus."""
    if any(lecture.est_montre(tableau) for tableau in objet.contenu.get("tableaux", [])):
        return True
    return figer(objet.convention, objet.du, objet.au) != objet.definition


def suivi(objet):
    """Ce que dit le cadre de progression d'une préparation."""
    if objet.etat != Etat.PREPARATION:
        return None
    if objet.erreur:
        return {"etat": "echec", "titre": "Le calcul n’a pas abouti", "erreur": objet.erreur}
    if objet.fictive:
        return {"etat": "cours", "titre": "Préparation en cours", "etape": lecture.NON_JOUEE}
    etape = "Compter, arrondir, protéger, puis attaquer contre toutes les éditions publiées : une minute au plus."
    return {"etat": "cours", "titre": "Calcul et contrôle en cours", "etape": etape}


def consequences_de_publier(objet):
    """Ce que publier fait, en chiffres."""
    lecteurs = objet.convention.lecteurs.count()
    refuses = len([t for t in objet.contenu["tableaux"] if not lecture.est_montre(t)])
    montres = len(objet.contenu["tableaux"]) - refuses
    suites = [
        {
            "chiffre": montres,
            "texte": accord(montres, "tableau publié, figé", "tableaux publiés, figés") + " pour toujours.",
        },
        {
            "chiffre": refuses,
            "texte": accord(refuses, "tableau refusé", "tableaux refusés") + " : l’édition dit pourquoi.",
        },
        {
            "chiffre": lecteurs,
            "texte": accord(lecteurs, "compte de financeur pourra", LECTEURS) + " la lire et la télécharger.",
        },
        {
            "chiffre": None,
            "texte": "Un PDF scellé et ses tableaux (CSV, XLSX, ODS) sont produits, avec un numéro vérifiable par tous.",
        },
    ]
    if not objet.fictive:
        dit = "Toute édition suivante, de tout financeur, sera attaquée contre celle-ci."
        suites.append({"chiffre": None, "texte": dit})
    if objet.corrige:
        suites.insert(0, {"chiffre": None, "texte": f"{objet.corrige.numero} devient « remplacée » et reste lisible."})
    return suites


def textes(edition):
    """Les textes constants d'une édition ; fictive, elle ne se dit pas contrôlée."""
    return {
        "lire": [{"mot": mot, "sens": sens} for mot, sens in lecture.LIRE],
        "methode": lecture.methode(edition),
        "ne_dit_pas": lecture.NE_DIT_PAS,
        "fictive": lecture.FICTIVE,
    }


def page_de_publication(objet):
    """La confirmation d'une publication."""
    return {
        "titre": f"Publier {objet.numero}",
        "intro": f"{lecture.titre_de(objet)}, convention {objet.definition['convention']['numero']}."
        + (f" {lecture.NON_JOUEE}" if objet.fictive else ""),
        "consequences": consequences_de_publier(objet),
        "bouton": "Publier cette édition",
        "avertissement": "Une édition publiée ne se récrit pas : une correction sera une nouvelle édition.",
        "retour_url": objet.get_absolute_url(),
        "retour": "Contrôle",
    }


def page_de_correction(objet):
    """La page où dire ce qui change."""
    return {
        "titre": f"Corriger {objet.numero}",
        "intro": "Une nouvelle édition de la même période se prépare, sur la convention telle qu’elle est aujourd’hui.",
        "consequences": [
            {"chiffre": None, "texte": f"{objet.numero} reste publiée tant que la nouvelle ne l’est pas."},
            {
                "chiffre": None,
                "texte": lecture.NON_JOUEE
                if objet.fictive
                else "Les nombres sont recalculés et attaqués contre toutes les éditions publiées.",
            },
        ],
        "bouton": "Préparer la correction",
        "retour_url": objet.get_absolute_url(),
        "retour": objet.numero,
    }


def page_de_retrait(objet):
    """La confirmation d'un retrait."""
    lecteurs = objet.convention.lecteurs.count()
    return {
        "titre": f"Retirer {objet.numero}",
        "intro": "Le financeur ne lira plus ses nombres et ne pourra plus la télécharger.",
        "consequences": [
            {
                "chiffre": lecteurs,
                "texte": accord(lecteurs, "compte de financeur ne la lira", "comptes de financeur ne la liront")
                + " plus.",
            },
            {
                "chiffre": None,
                "texte": "Les copies déjà téléchargées se vérifient toujours : elles se diront annulées.",
            },
            {
                "chiffre": None,
                "texte": "Ses nombres étaient inventés : rien ne s’en retient."
                if objet.fictive
                else "Ses nombres restent connus de l’attaquant : les éditions suivantes en tiennent compte.",
            },
        ],
        "bouton": "Retirer cette édition",
        "danger": True,
        "retour_url": objet.get_absolute_url(),
        "retour": objet.numero,
    }


def page_d_abandon(objet):
    """La confirmation d'un renoncement."""
    return {
        "titre": f"Écarter {objet.numero}",
        "intro": "Cette édition n’a pas été publiée. Ses nombres sont effacés, son numéro ne resservira pas.",
        "bouton": "Écarter cette édition",
        "retour_url": objet.get_absolute_url(),
        "retour": "Contrôle",
    }
