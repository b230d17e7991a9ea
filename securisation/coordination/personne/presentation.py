"""Ce que les pages des droits de la personne écrivent : demandes et délais, copies, corrections reliées."""

import datetime
import json

from django.apps import apps
from django.db import connection
from django.urls import reverse
from django.utils.html import format_html

from securisation.coordination.models import Copie
from securisation.coordination.personne import effaces
from securisation.parcours import delais
from securisation.parcours.models import Demande, Parcours
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_moyenne, heure

PAR_PAGE, PLUS_PRESSEES, CORRECTIONS = 50, 200, 30
A_TRAITER, EN_VIGUEUR, REPONDUES = "a-traiter", "en-vigueur", "repondues"
VUES = {A_TRAITER: "À traiter", EN_VIGUEUR: "En vigueur", REPONDUES: "Suites données"}
CORRIGER = "Corriger maintenant"
# Ce que chaque demande fait, et d'où vient le droit : dit en tête de sa page et à qui l'enregistre.
EFFETS = {
    Demande.Genre.ACCES: "La personne reçoit une copie de tout ce qui la concerne (RGPD, article 15).",
    Demande.Genre.RECTIFICATION: "Ce qui est inexact se corrige dans le dossier, puis se relie à la réponse (RGPD, article 16).",
    Demande.Genre.LIMITATION: "Dès l’enregistrement, rien ne s’écrit plus au dossier, hors ce qui protège la personne (RGPD, article 18).",
    Demande.Genre.OPPOSITION: "Dès l’enregistrement, ses données ne comptent plus dans aucun chiffre à venir (RGPD, article 21).",
    Demande.Genre.EFFACEMENT: "L’effacement se décide à deux, puis s’exécute ; la réponse dit ce qui a été fait (RGPD, article 17).",
}
# Ce qui n'est pas une donnée de la personne qu'une rectification corrigerait.
PAS_DES_CORRECTIONS = ["parcours.demande", "coordination.copie", "coordination.invitation", "documents.document"]
_ECRITURES = """
SELECT seq, quand, modele, charge ->> 'champs' FROM socle_journal
 WHERE chaine = %s AND action IN ('modification', 'suppression') AND quand >= %s AND modele <> ALL(%s) {condition}
 ORDER BY seq DESC LIMIT %s
"""


def ligne(demande):
    """Une demande dans une liste : quoi, quand, pour quand, et le ton du délai."""
    return {
        "demande": demande,
        "url": demande.get_absolute_url(),
        "ton": ton(demande),
        "delai": delai(demande),
        "vaut": demande.a_effet,
    }


def ton(demande):
    """« late », « soon » ou rien, pour une demande à traiter."""
    if not demande.est_a_traiter:
        return ""
    return "late" if demande.reste < 0 else "soon" if demande.reste <= 7 else ""


def delai(demande):
    """« dans 12 jours », « en retard de 3 jours », « répondue le 4 novembre 2026 »."""
    if demande.etat == Demande.Etat.RETIREE:
        return "Retirée par la personne"
    if not demande.est_a_traiter:
        return f"{demande.get_decision_display()}, réponse donnée le {date_moyenne(demande.repondue_le)}"
    reste, mot = demande.reste, "jour" if abs(demande.reste) < 2 else "jours"
    if reste == 0:
        return "Réponse due aujourd’hui"
    return f"Réponse due dans {reste} {mot}" if reste > 0 else f"En retard de {-reste} {mot}"


def du_parcours(parcours, par):
    """La page des droits d'une personne : ses demandes, ce qui vaut, les copies remises, et ce qui est permis."""
    # Ce qui attend une réponse d'abord, le plus pressé en tête ; puis ce qui a eu sa suite, le plus récent en tête.
    toutes = list(parcours.demandes.order_by("-recue_le", "-pk"))
    attendent = sorted((d for d in toutes if d.est_a_traiter), key=lambda demande: demande.echeance)
    demandes = attendent + [demande for demande in toutes if not demande.est_a_traiter]
    copies = list(parcours.copies.order_by("-demandee_le", "-pk"))
    mots = ("enregistrer_demande", "remettre_copie", "voir_registre")
    return {
        "parcours": parcours,
        "lignes": [ligne(demande) for demande in demandes],
        "en_vigueur": [demande for demande in demandes if demande.a_effet],
        "copies": copies,
        "peut": {mot: Parcours.autorise(par, mot, parcours) for mot in mots},
        **retour(parcours),
    }


def retour(parcours):
    """Le lien vers la page du parcours."""
    return {"retour_url": parcours.get_absolute_url(), "retour": parcours.personne.appellation}


def retour_aux_droits(parcours):
    """Le lien vers la page des droits."""
    return {"retour_url": reverse("coordination:droits", args=[parcours.uuid]), "retour": "Droits de la personne"}


def retour_a_la_demande(demande):
    """Le lien vers la page de la demande."""
    return {"retour_url": demande.get_absolute_url(), "retour": f"Demande, parcours {demande.parcours.numero}"}


def de_la_demande(demande, par):
    """La page d'une demande ; le nom de la personne n'y est que pour qui voit son parcours."""
    parcours = demande.parcours
    voit = _voit(demande, par)
    suite = (
        retour_aux_droits(parcours)
        if voit
        else {"retour_url": reverse("coordination:tableau"), "retour": "Droits des personnes"}
    )
    contexte = {
        "demande": demande,
        "parcours": parcours,
        "voit": voit,
        "decision": effaces.decision(demande, par),
        "ligne": ligne(demande),
        "effet": EFFETS[demande.genre],
        "actes": actes(demande, par),
        "efface": _adresse_de_l_effacement(demande, par),
        "dpo": par.a_fonction("DPO"),
        "corrections": [phrase for _, phrase in corrections(demande, rangs=demande.ecritures)] if voit else [],
        "reliees": len(demande.ecritures),
        "copies": list(demande.copies.order_by("-pk")) if voit else [],
        **suite,
    }
    return contexte | {"a_une_suite": effaces.a_une_suite(contexte)}


def _adresse_de_l_effacement(demande, par):
    """Où demander l'effacement que cette demande attend ; vide s'il est déjà demandé, ou hors de ce compte."""
    attendu = demande.genre == Demande.Genre.EFFACEMENT and demande.est_a_traiter
    if not attendu or demande.effacement_relie or not Parcours.autorise(par, "demander_effacement", demande.parcours):
        return ""
    return reverse("parcours:demander_effacement_pour", args=[demande.uuid])


def actes(demande, par):
    """Les transitions permises sur cette demande : ce qui vaut encore se lève, le reste se retire."""
    permis = set(demande.possibles(par))
    permis.discard("retirer" if demande.a_effet else "lever")
    if demande.prolongee_le or demande.reste < 0:
        permis.discard("prolonger")
    return permis


def corrections(demande, *, rangs=None):
    """[(rang au journal, phrase)] des modifications du dossier depuis la demande, les plus récentes d'abord ; ou de ces rangs seuls."""
    if rangs is not None and not rangs:
        return []
    condition, valeurs = ("", []) if rangs is None else ("AND seq = ANY(%s)", [rangs])
    depuis = demande.cree_le
    with connection.cursor() as curseur:
        requete = _ECRITURES.format(condition=condition)
        curseur.execute(requete, [demande.parcours_id, depuis, PAS_DES_CORRECTIONS, *valeurs, CORRECTIONS])
        return [(seq, _dire_l_ecriture(*suite)) for seq, *suite in curseur.fetchall()]


def _dire_l_ecriture(quand, nom, charge):
    modele, champs = apps.get_model(nom), json.loads(charge) if charge else []
    noms = {champ.name: str(champ.verbose_name) for champ in modele._meta.concrete_fields}
    dits = ", ".join(noms[champ] for champ in champs if champ in noms and modele._meta.get_field(champ).editable)
    objet = str(modele._meta.verbose_name)
    return f"{date_moyenne(quand).capitalize()} à {heure(quand)}, {objet}{f' : {dits}' if dits else ''}"


def tableau(visibles, par, envoyee):
    """La page des demandes visibles : à traiter par échéance, en vigueur, suites données par pages."""
    vue = envoyee.get("vue") if envoyee.get("vue") in VUES else A_TRAITER
    choix = {
        A_TRAITER: lambda: list(visibles.a_traiter().par_echeance()[:PLUS_PRESSEES]),
        EN_VIGUEUR: lambda: list(visibles.en_vigueur().par_echeance()[:PLUS_PRESSEES]),
        REPONDUES: lambda: list(visibles.repondues(avant=_rang(envoyee.get("apres", "")))[: PAR_PAGE + 1]),
    }[vue]()
    suite = choix[PAR_PAGE - 1].pk if vue == REPONDUES and len(choix) > PAR_PAGE else None
    lues = choix[:PAR_PAGE] if vue == REPONDUES else choix
    return {
        "lignes": [ligne(demande) for demande in lues],
        "effaces": effaces.traces(par) if vue == REPONDUES and not envoyee.get("apres") else [],
        "vue": vue,
        "titre_de_la_liste": VUES[vue],
        "retards": sum(demande.est_a_traiter and demande.reste < 0 for demande in lues),
        "segments": [{"libelle": mot, "url": f"?vue={cle}", "ici": cle == vue} for cle, mot in VUES.items()],
        "suivant": f"?vue={vue}&apres={suite}" if suite else "",
        "jour": horloge.aujourd_hui(),
        "dpo": par.a_fonction("DPO"),
    }


def _rang(texte):
    return int(texte) if texte.isascii() and texte.isdecimal() and len(texte) < 18 else None


# -- ce que disent les pages d'un acte


def effets():
    """[(demande, ce qu'elle fait)] pour la page qui en enregistre une."""
    return [(Demande.Genre(genre).label, phrase) for genre, phrase in EFFETS.items()]


def jour_demande(envoyee):
    """Le jour que nomme l'adresse (`?avant=2026-11-22`), ou None."""
    try:
        return datetime.date.fromisoformat(envoyee.get("avant", ""))
    except ValueError:
        return None


def rappel(demande, par):
    """La demande en une phrase, au-dessus de la réponse à écrire ; puis l'acte qui précède un oui, et où il se fait."""
    dit = f"{demande.get_genre_display()}, demandé le {date_moyenne(demande.recue_le)}. {delai(demande)}."
    if adresse := _adresse_de_l_effacement(demande, par):
        suite, lien = "Pour accepter, l’effacement se demande d’abord :", "Demander l’effacement du dossier"
    elif demande.genre == Demande.Genre.RECTIFICATION and _voit(demande, par):
        adresse, suite, lien = demande.parcours.get_absolute_url(), "La correction se fait d’abord :", CORRIGER
    else:
        return dit
    return format_html('{} {} <a href="{}">{}</a>.', dit, suite, adresse, lien)


def _voit(demande, par):
    return Parcours.objects.visibles_pour(par).filter(pk=demande.parcours_id).exists()


def de_la_reponse(demande, par):
    """Ce que le formulaire de réponse propose à ce compte : refuser, relier des corrections."""
    rectifie = demande.genre == Demande.Genre.RECTIFICATION and _voit(demande, par)
    return {
        "peut_refuser": Parcours.autorise(par, "refuser_demande", demande.parcours),
        "corrections": corrections(demande) if rectifie else (),
    }


def de_la_prolongation(demande):
    """La page de confirmation d'une prolongation : l'échéance d'aujourd'hui, celle d'après."""
    apres = delais.echeance(demande.recue_le, prolongee=True)
    return {
        "titre": "Prolonger le délai de réponse",
        "consequences": [
            {"texte": f"La réponse est due le {date_moyenne(apres)}, au lieu du {date_moyenne(demande.echeance)}."},
            {"texte": "La personne en est informée, avec le motif, avant la fin du premier mois. Une fois seulement."},
        ],
        "bouton": "Prolonger de deux mois",
    }


def de_la_levee(demande):
    """La page de confirmation d'une levée."""
    if demande.genre == Demande.Genre.LIMITATION:
        suite = "Le dossier se remplit de nouveau. La personne doit en avoir été informée avant (RGPD, article 18.3)."
        return {"titre": "Lever la limitation", "consequences": [{"texte": suite}], "bouton": "Lever la limitation"}
    suite = "Ses données peuvent de nouveau compter dans les chiffres à venir."
    return {"titre": "Lever l’opposition", "consequences": [{"texte": suite}], "bouton": "Lever l’opposition"}


REMISES = {
    Copie.Contenu.COMPLETE: {
        "titre": "Préparer la copie complète",
        "intro": "Tout ce que le dossier dit de la personne, en deux fichiers : un PDF à lire, et les mêmes données en JSON.",
        "consequences": [
            {
                "texte": "Y sont : identité, coordonnées, accords, diagnostic, démarches, contacts, sortie, documents, demandes, accès."
            },
            {
                "texte": "N’y sont pas : ce qui concerne quelqu’un d’autre, et ce qui n’est pas encore validé. La copie le dit."
            },
            {"texte": "Les fichiers restent ici sept jours, le temps de les remettre, puis sont retirés."},
        ],
        "bouton": "Préparer la copie",
        "avertissement": "Remettez-la en main propre, ou par un moyen que la personne a choisi. Chaque téléchargement est inscrit.",
    },
    Copie.Contenu.REGISTRE: {
        "titre": "Préparer le registre d’accès",
        "intro": "Un PDF à remettre à la personne : qui a vu ou changé son dossier depuis douze mois, quand et pourquoi.",
        "consequences": [
            {"texte": "Les professionnels y sont dits par leur fonction, les partenaires par leur nom."},
            {"texte": "Les fichiers restent ici sept jours, le temps de les remettre, puis sont retirés."},
        ],
        "bouton": "Préparer le registre",
    },
}


def de_la_copie(copie, par):
    """La page d'une copie : où elle en est, ses fichiers tant qu'ils sont là."""
    return {
        "copie": copie,
        "relance": "relancer" in copie.possibles(par),
        "ici": copie.get_absolute_url(),
        **retour_aux_droits(copie.parcours),
    }


TYPES = {"pdf": ("pdf", "application/pdf"), "json": ("donnees", "application/json")}


def octets(copie, fichier):
    """(octets, type MIME) du fichier « pdf » ou « json » de cette copie."""
    champ, genre = TYPES[fichier]
    return bytes(getattr(copie.fichier, champ)), genre
