"""Qui est la personne, où en est son parcours, quel geste est attendu et lesquels sont permis."""

from urllib.parse import urlencode

from django.urls import reverse

from securisation.parcours.droits import DROITS, SUPERVISEUR
from securisation.socle import horloge
from securisation.socle.templatetags.jalon import date_breve
from securisation.synthese.dossier import accord_en_cours
from securisation.synthese.liste import CLASSES, LIBELLES

MOTS = (
    "voir_historique", "reveler_coordonnees", "modifier_personne", "recueillir_accord", "retirer_accord", "qualifier", "repondre",
    "ouvrir_diagnostic", "renseigner_diagnostic", "demarrer_intervention", "conduire_action", "noter_contact", "demander_prolongation",
    "decider_prolongation", "ouvrir_sortie", "renseigner_sortie", "interrompre", "restreindre", "attribuer_role", "ecrire_additif",
    "demander_effacement", "suspendre_intervention", "deroger_au_terme", "voir_demandes", "repondre_demande", "nommer_referent",
    "refermer_ouverture", "inviter_partenaire", "verser_piece", "proposer_parole",
)  # fmt: skip

BIENTOT = 14  # jours
SANS_PAROLE = ("oriente", "non_admis")  # rien n'a encore été fait avec elle


def identite(parcours, dossier, peut):
    """Barre d'identité : qui, où, quels états, un geste principal, les autres au menu."""
    personne, fige = parcours.personne, parcours.est_fige
    age = f"{horloge.aujourd_hui().year - personne.annee_naissance} ans" if personne.annee_naissance else ""
    metas = [mot for mot in (age, personne.foyer, personne.commune, f"Parcours {parcours.numero}") if mot]
    etiquettes = [
        {"texte": etat_dit(parcours, dossier), "ton": CLASSES.get(parcours.etat, "").removeprefix("tag--") or None}
    ]
    if not fige:
        a_jour = any(a["code"] == "ADHESION" and accord_en_cours(a) for a in dossier["accords"])
        etiquettes.append(
            {
                "texte": "Adhésion en cours" if a_jour else "Adhésion à recueillir",
                "ton": "green" if a_jour else "amber",
                "icone": "circle-check" if a_jour else "shield-half",
                "url": "#t-accords",
            }
        )
    if parcours.limite_le:
        url = reverse("coordination:droits", args=[parcours.uuid])
        etiquettes.append({"texte": "Traitement limité", "ton": "blue", "icone": "hand-stop", "url": url})
    if parcours.restreint:
        etiquettes.append({"texte": "Parcours restreint", "ton": "red", "icone": "lock"})
    return {
        "nom": personne.appellation,
        "metas": metas,
        "etiquettes": etiquettes,
        "action": geste(parcours, dossier, peut),
        "autres": autres(parcours, dossier, peut),
    }


def etat_dit(parcours, dossier):
    """L'état dans les mots de la page ; une intervention échue se dit."""
    intervention = dossier["intervention"]
    if parcours.etat == "intervention" and intervention:
        if intervention["etat"] == "suspendue":
            return "Intervention suspendue"
        return "Intervention échue" if intervention["terme"] < horloge.aujourd_hui() else "Intervention en cours"
    return LIBELLES[parcours.etat]


def brouillon(dossier):
    """Le diagnostic en cours d'écriture, ou None."""
    return next((d for d in dossier["diagnostics"] if d["etat"] == "brouillon"), None)


def valide(dossier):
    """Le diagnostic validé le plus récent, ou None."""
    return next((d for d in dossier["diagnostics"] if d["etat"] == "valide"), None)


def geste(parcours, dossier, peut):
    """Le geste attendu dans l'état présent, s'il est permis : {url, libelle, icone}, ou None."""
    regle = GESTES.get(parcours.etat)
    return regle(parcours, dossier, peut) if regle else None


def _lien(nom, cle, libelle, icone=""):
    return {"url": reverse(nom, args=[cle]), "libelle": libelle, "icone": icone}


def _geste_admis(p, d, peut):
    manque = next(
        (
            c
            for c in ("INFORMATION", "ADHESION")
            if not any(a["code"] == c and accord_en_cours(a) for a in d["accords"])
        ),
        None,
    )
    if manque:
        return peut["recueillir_accord"] and _lien(
            "parcours:recueillir_accord", p.uuid, "Recueillir un accord", "signature"
        )
    return peut["ouvrir_diagnostic"] and _lien("diagnostics:ouvrir", p.uuid, "Ouvrir le diagnostic", "clipboard-list")


def _geste_diagnostic(p, d, peut):
    if brouillon(d):
        return peut["renseigner_diagnostic"] and _lien(
            "diagnostics:detail", brouillon(d)["uuid"], "Continuer le diagnostic", "clipboard-list"
        )
    return peut["demarrer_intervention"] and _lien(
        "interventions:demarrer", p.uuid, "Démarrer l’intervention", "player-play"
    )


def _geste_intervention(p, d, peut):
    if d["intervention"]["terme"] < horloge.aujourd_hui() and d["intervention"]["etat"] != "suspendue":
        return peut["ouvrir_sortie"] and _lien("sorties:ouvrir", p.uuid, "Ouvrir la sortie", "flag")
    return peut["noter_contact"] and _lien("interventions:noter_contact", p.uuid, "Noter un contact", "message-plus")


GESTES = {
    "oriente": lambda p, d, peut: (
        peut["qualifier"] and _lien("parcours:qualifier", p.uuid, "Qualifier la demande", "clipboard-check")
    ),
    "admis": _geste_admis,
    "diagnostic": _geste_diagnostic,
    "intervention": _geste_intervention,
    "sortie": lambda p, d, peut: (
        peut["renseigner_sortie"] and _lien("sorties:detail", d["sortie"]["uuid"], "Continuer la sortie", "flag")
    ),
}


def autres(parcours, dossier, peut):
    """Le menu des autres actes permis maintenant."""
    intervention, fige, etat = dossier["intervention"], parcours.est_fige, parcours.etat
    sortie = dossier["sortie"]
    restriction = "Lever la restriction" if parcours.restreint else "Restreindre"
    entrees = [
        (peut["recueillir_accord"] and not fige, "parcours:recueillir_accord", parcours.uuid, "Recueillir un accord", "signature"),
        (True, "parcours:rendez_vous", parcours.uuid, "Rendez-vous", "calendar-event"),
        (True, "parcours:accords", parcours.uuid, "Accords", "shield-half"),
        (peut["modifier_personne"] and not fige, "parcours:modifier_personne", parcours.uuid, "Fiche de la personne", "pencil"),
        (peut["modifier_personne"] and not fige, "parcours:ajouter_entourage", parcours.uuid, "Ajouter à l’entourage", "user-plus"),
        (peut["verser_piece"] and not fige, "interventions:verser_piece", parcours.uuid, "Joindre une pièce", "paperclip"),
        (True, "parcours:roles", parcours.uuid, "Rôles sur le parcours", "users"),
        (peut["inviter_partenaire"], "coordination:invitations", parcours.uuid, "Partenaires", "share"),
        (peut["proposer_parole"] and etat not in SANS_PAROLE, "pilotage:mots_du_parcours", parcours.uuid, "Ses mots", "quote"),
        (etat == "intervention" and peut["ouvrir_sortie"], "sorties:ouvrir", parcours.uuid, "Ouvrir la sortie", "flag"),
        (etat == "clos" and peut["ecrire_additif"] and sortie, "sorties:additif", sortie and sortie["uuid"], "Écrire un additif", "note"),
        (etat == "non_admis" and peut["repondre"], "parcours:repondre", parcours.uuid, "Noter la réponse donnée", "message"),
        (peut["voir_demandes"], "coordination:droits", parcours.uuid, "Droits de la personne", "scale"),
        (peut["voir_historique"], "synthese:historique", parcours.uuid, "Historique", "history"),
        (peut["refermer_ouverture"], "parcours:refermer", parcours.uuid, "Refermer ce dossier", "lock"),
        (peut["nommer_referent"], "parcours:nommer_referent", parcours.uuid, "Nommer un référent", "user-plus"),
        (peut["restreindre"], "parcours:restreindre", parcours.uuid, restriction, "lock"),
        (peut["demander_effacement"], "parcours:demander_effacement", parcours.uuid, "Demander l’effacement…", "trash"),
        (peut["interrompre"] and not fige, "parcours:interrompre", parcours.uuid, "Interrompre le parcours…", "hand-stop"),
    ]  # fmt: skip
    if intervention and etat == "intervention":
        entrees.insert(0, (True, "interventions:detail", intervention["uuid"], "Page de l’intervention", "target"))
    menu = [_lien(nom, cle, libelle, icone) for permis, nom, cle, libelle, icone in entrees if permis]
    if menu and menu[-1]["icone"] == "hand-stop":
        menu[-1]["danger"] = True
    return menu


def bandeau(parcours, dossier, peut):
    """Une seule échéance mise en avant, avec son geste ; ou None."""
    if parcours.est_fige or not dossier["echeances"]:
        return None
    due = dossier["echeances"][0]
    ecart = (due["date"] - horloge.aujourd_hui()).days
    if ecart > BIENTOT:
        return None
    quand = (
        f"Attendu le {date_breve(due['date'])}."
        if ecart >= 0
        else f"Attendu le {date_breve(due['date'])}, en retard de {-ecart} j."
    )
    return {
        "ton": "late" if ecart < 0 else "soon",
        "titre": f"{due['libelle']}.",
        "texte": quand,
        **_geste_du(due, parcours, dossier, peut),
    }


def _geste_du(due, parcours, dossier, peut):
    """Le geste qui solde cette échéance, s'il est permis : {url, libelle, icone}, ou rien."""
    i, d, sortie = (
        dossier["intervention"] or {"actions": [], "prolongations": []},
        brouillon(dossier),
        dossier["sortie"],
    )
    cles = {
        "nature": due["nature"],
        "parcours": parcours.uuid,
        "diagnostic": d and d["uuid"],
        "intervention": i.get("uuid"),
        "agir": i.get("etat") == "en_cours" and i["terme"] >= horloge.aujourd_hui() and i["uuid"],
        "action": next((a["uuid"] for a in i["actions"] if due["source"] == f"action:{a['id']}"), None),
        "prolongation": next((p["uuid"] for p in i["prolongations"] if p["etat"] == "demandee"), None),
        "finalite": due["source"] if due["nature"] == "accord" else None,
        "qualifie": parcours.etat == "non_admis",
        "sortie": sortie and sortie["uuid"],
    }
    return _solde(cles, peut.get)


def lier(dus):
    """Donne à chaque dû de « À faire » son geste (adresse et libellé) : l'acte qui le solde s'il est permis, à défaut où le voir."""
    for due in dus:
        cles = due["cles"]
        roles = {*cles["roles"], *([SUPERVISEUR] if cles["supervise"] else [])}
        acte = _solde(cles, lambda mot, roles=roles: bool(DROITS[mot] & roles))
        loin = cles["nature"] == "terme" and (due["date"] - horloge.aujourd_hui()).days > BIENTOT
        due |= _page(cles) if loin or not acte else acte
    return dus


def _page(cles):
    """La page de la phase dont parle un dû."""
    for natures, nom, cle, libelle in (
        (("agir", "reponse", "silence", "relais", "reprise", "prolongation", "terme"), "interventions:detail", "intervention",
         "Voir l’intervention"),
        (("sortie", "confirmation"), "sorties:detail", "sortie", "Voir la sortie"),
    ):  # fmt: skip
        if cles["nature"] in natures and cles[cle]:
            return _lien(nom, cles[cle], libelle)
    return _lien("synthese:parcours", cles["parcours"], "Voir le parcours")


# Nature du dû : le droit qu'il demande, la page qui le solde, l'objet de cette page (clé), et le verbe du geste.
SOLDES = {
    "accord": ("recueillir_accord", "parcours:recueillir_accord", "parcours", "Recueillir l’accord"),
    "fin_accord": ("recueillir_accord", "parcours:accords", "parcours", "Renouveler"),
    "qualification": ("qualifier", "parcours:qualifier", "parcours", "Qualifier"),
    "diagnostic": ("renseigner_diagnostic", "diagnostics:relire", "diagnostic", "Relire et valider"),
    "intervention": ("demarrer_intervention", "interventions:demarrer", "parcours", "Démarrer"),
    "agir": ("conduire_action", "interventions:choisir_facteur", "agir", "Ajouter une action"),
    "reponse": ("conduire_action", "interventions:noter_issue", "action", "Noter la réponse"),
    "silence": ("conduire_action", "interventions:noter_issue", "action", "Noter le silence"),
    "relais": ("conduire_action", "interventions:modifier_action", "action", "Nommer un relais"),
    "reprise": ("suspendre_intervention", "interventions:detail", "intervention", "Reprendre"),
    "prolongation": ("decider_prolongation", "interventions:decider", "prolongation", "Décider"),
    "terme": ("ouvrir_sortie", "sorties:ouvrir", "parcours", "Ouvrir la sortie"),
    "sortie": ("renseigner_sortie", "sorties:relire", "sortie", "Relire et valider"),
    "confirmation": ("renseigner_sortie", "sorties:risque", "risque", "Confirmer le relais"),
    "demande": ("repondre_demande", "coordination:droits", "parcours", "Répondre"),
}


def _solde(cles, permet):
    """L'acte qui solde un dû de cette nature : les uuid des objets touchés, et ce qui est permis."""
    permis, nom, cle, libelle = SOLDES.get(cles["nature"], ("", "", "", ""))
    if cles["nature"] == "reponse" and not cles.get("action") and cles.get("qualifie"):
        permis, nom, cle = "repondre", "parcours:repondre", "parcours"
    if cles["nature"] == "diagnostic" and not cles.get("diagnostic"):
        permis, nom, cle, libelle = "ouvrir_diagnostic", "diagnostics:ouvrir", "parcours", "Ouvrir le diagnostic"
    if not cles.get(cle) or not permet(permis):
        return {}
    lien = _lien(nom, cles[cle], libelle)
    if cles.get("finalite"):
        recueil = reverse("parcours:recueillir_accord", args=[cles["parcours"]])
        lien["url"] = f"{recueil}?{urlencode({'finalite': cles['finalite'], 'retour': 'accords'})}"
    return lien
