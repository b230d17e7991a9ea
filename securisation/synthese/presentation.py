"""Du dossier lu à ce que la page écrit : étapes, boîte de temps, radar, actions, dominos, frise, accords, geste suivant."""

from django.urls import reverse

from securisation.parcours.models import Entourage, Parcours
from securisation.socle import graphiques, horloge
from securisation.socle.templatetags.jalon import date_breve, date_moyenne
from securisation.synthese.dossier import accord_en_cours
from securisation.synthese.liste import CLASSES, LIBELLES, NIVEAUX

ETAPES = [("Diagnostic", "diagnostic"), ("Intervention", "intervention"), ("Sortie", "sortie")]
AVANT = {"oriente", "admis", "non_admis"}
COURTS = {"ADM": "Administratif", "BUD": "Budget", "LOG": "Logement", "ORG": "Quotidien", "PRO": "Travail"}
GENRES = {"diagnostic": "Diagnostic de sécurisation", "bilan": "Bilan de sécurisation"}
ETATS_DOCUMENT = {"demande": "En préparation", "produit": "Prêt", "echec": "Échec", "remplace": "Remplacé"}


def contexte_de_la_page(parcours, dossier, professionnel):
    """Contexte du gabarit `synthese/parcours.html`, dossier déjà lu."""
    peut = {mot: Parcours.autorise(professionnel, mot, parcours) for mot in MOTS}
    return {
        "parcours": parcours,
        "personne": parcours.personne,
        "dossier": dossier,
        "peut": peut,
        "identite": identite(parcours, dossier, peut),
        "etapes": etapes(parcours, dossier),
        "temps": boite(dossier),
        "bandeau": bandeau(parcours, dossier, peut),
        "evolution": evolution(dossier),
        "actions": actions(dossier),
        "domino": domino(dossier),
        "frise": frise(parcours, dossier),
        "accords": accords(dossier),
        "autour": autour(dossier),
        "documents": documents(dossier),
    }


MOTS = (
    "voir_historique", "reveler_coordonnees", "modifier_personne", "recueillir_accord", "retirer_accord", "qualifier", "repondre",
    "ouvrir_diagnostic", "renseigner_diagnostic", "demarrer_intervention", "conduire_action", "noter_contact", "demander_prolongation",
    "decider_prolongation", "ouvrir_sortie", "renseigner_sortie", "interrompre", "restreindre", "attribuer_role", "ecrire_additif",
    "suspendre_intervention", "deroger_au_terme",
)  # fmt: skip


# -- identité et geste suivant


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
    return peut["noter_contact"] and _lien(
        "interventions:noter_contact", d["intervention"]["uuid"], "Noter un contact", "message-plus"
    )


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
    entrees = [
        (peut["recueillir_accord"] and not fige, "parcours:recueillir_accord", parcours.uuid, "Recueillir un accord", "signature"),
        (peut["modifier_personne"] and not fige, "parcours:modifier_personne", parcours.uuid, "Fiche de la personne", "pencil"),
        (peut["modifier_personne"] and not fige, "parcours:ajouter_entourage", parcours.uuid, "Ajouter à l’entourage", "user-plus"),
        (True, "parcours:roles", parcours.uuid, "Rôles sur le parcours", "users"),
        (etat == "intervention" and peut["ouvrir_sortie"], "sorties:ouvrir", parcours.uuid, "Ouvrir la sortie", "flag"),
        (etat == "clos" and peut["ecrire_additif"] and sortie, "sorties:additif", sortie and sortie["uuid"], "Écrire un additif", "note"),
        (etat == "non_admis" and peut["repondre"], "parcours:repondre", parcours.uuid, "Noter la réponse donnée", "message"),
        (peut["voir_historique"], "synthese:historique", parcours.uuid, "Historique", "history"),
        (peut["restreindre"] and not fige, "parcours:restreindre", parcours.uuid, "Lever la restriction" if parcours.restreint else "Restreindre", "lock"),
        (peut["interrompre"] and not fige, "parcours:interrompre", parcours.uuid, "Interrompre le parcours…", "hand-stop"),
    ]  # fmt: skip
    if intervention and etat == "intervention":
        entrees.insert(0, (True, "interventions:detail", intervention["uuid"], "Page de l’intervention", "target"))
    menu = [_lien(nom, cle, libelle, icone) for permis, nom, cle, libelle, icone in entrees if permis]
    if menu and menu[-1]["icone"] == "hand-stop":
        menu[-1]["danger"] = True
    return menu


# -- avancement


def etapes(parcours, dossier):
    """Les trois phases, et où l'on en est, en mots."""
    rangs = {"diagnostic": 0, "intervention": 1, "sortie": 2, "clos": 3}
    ici = rangs.get(parcours.etat, _rang_atteint(dossier))
    suites = _suites(dossier)
    rendu = []
    for rang, (nom, code) in enumerate(ETAPES):
        etat = "faite" if rang < ici else "ici" if rang == ici and not parcours.est_fige else ""
        mot = {"faite": "Terminé" if code != "sortie" else "Validée", "ici": "En cours", "": "À venir"}[etat]
        rendu.append({"nom": nom, "etat": etat, "mot": mot, "suite": suites.get(code) if etat else ""})
    return rendu


def _rang_atteint(dossier):
    return 2 if dossier["sortie"] else 1 if dossier["intervention"] else 0 if dossier["diagnostics"] else -1


def _suites(dossier):
    fait, intervention, sortie = valide(dossier), dossier["intervention"], dossier["sortie"]
    suites = {}
    if fait:
        suites["diagnostic"] = f"le {date_moyenne(fait['valide_le'])}"
    if intervention:
        suites["intervention"] = f", du {date_breve(intervention['demarre_le'])} au {date_breve(intervention['terme'])}"
    if sortie and sortie["validee_le"]:
        suites["sortie"] = f"le {date_moyenne(sortie['validee_le'])}"
    return suites


def boite(dossier):
    """La boîte de temps de l'intervention en cours, ou None."""
    intervention = dossier["intervention"]
    if not intervention or intervention["etat"] == "terminee":
        return None
    accordees = [p for p in intervention["prolongations"] if p["etat"] == "approuvee"]
    jalons = [{"date": p["decidee_le"], "libelle": f"Prolongation de {p['jours']} j", "fait": True} for p in accordees]
    suspensions = [(s["du"], s["au"]) for s in intervention["suspensions"]]
    g = graphiques.boite_de_temps(
        intervention["demarre_le"], intervention["terme"], horloge.aujourd_hui(), jalons, suspensions
    )
    desc = f"Intervention du {date_moyenne(intervention['demarre_le'])} au {date_moyenne(intervention['terme'])}."
    return {"g": g, "terme": intervention["terme"], "suspendue": intervention["etat"] == "suspendue", "desc": desc}


def bandeau(parcours, dossier, peut):
    """Une seule échéance mise en avant, avec son geste ; ou None."""
    if parcours.est_fige or not dossier["echeances"]:
        return None
    due = dossier["echeances"][0]
    ecart = (due["date"] - horloge.aujourd_hui()).days
    if ecart > 14:
        return None
    demande = next(
        (p for p in (dossier["intervention"] or {}).get("prolongations", []) if p["etat"] == "demandee"), None
    )
    lien = {}
    if due["nature"] == "prolongation" and demande and peut["decider_prolongation"]:
        lien = _lien("interventions:decider_prolongation", demande["uuid"], "Décider")
    quand = (
        f"Attendu le {date_breve(due['date'])}."
        if ecart >= 0
        else f"Attendu le {date_breve(due['date'])}, en retard de {-ecart} j."
    )
    return {"ton": "late" if ecart < 0 else "soon", "titre": f"{due['libelle']}.", "texte": quand, **lien}


# -- rubriques


def evolution(dossier):
    """Radar et tableau des cinq axes : entrée, et sortie quand elle est cotée. None tant que rien n'est coté."""
    cotes = dossier["cotes"]
    if not any(c["entree"] is not None for c in cotes):
        return None
    a_sortie = any(c["sortie"] is not None for c in cotes)
    series = [{"nom": "Diagnostic", "valeurs": [c["entree"] for c in cotes], "creux": a_sortie}]
    if a_sortie:
        series.append({"nom": "Sortie", "valeurs": [c["sortie"] for c in cotes]})
    else:
        series.append({"nom": "La personne", "valeurs": [c["personne"] for c in cotes], "creux": True})
    lignes = [
        {
            "nom": c["libelle"],
            "cotes": [_cote(c["entree"]), _cote(c["sortie"] if a_sortie else c["personne"])],
            "ecart": c["sortie"] - c["entree"] if a_sortie and None not in (c["sortie"], c["entree"]) else None,
        }
        for c in cotes
    ]
    return {
        "g": graphiques.radar([COURTS.get(c["code"], c["libelle"]) for c in cotes], series),
        "lignes": lignes,
        "colonnes": ["Diagnostic", "Sortie"] if a_sortie else ["Professionnel", "La personne"],
        "comparable": a_sortie,
    }


def _cote(valeur):
    return {"valeur": valeur, "mot": "" if valeur is None else NIVEAUX[valeur]}


def actions(dossier):
    """Les actions, ouvertes d'abord."""
    if not dossier["intervention"]:
        return []
    jour, rendu = horloge.aujourd_hui(), []
    for a in dossier["intervention"]["actions"]:
        close, attendue = a["etat"] == "close", a["reponse_attendue_le"]
        retard = not close and attendue and attendue < jour
        quand = (
            f"{a['issue']}, le {date_breve(a['issue_le'])}"
            if close and a["issue_le"]
            else f"réponse attendue le {date_breve(attendue)}"
        )
        rendu.append(
            {
                "uuid": a["uuid"],
                "quoi": a["intitule"],
                "meta": " · ".join(mot for mot in (a["axe"], quand if close or attendue else "") if mot),
                "icone": "circle-check" if close else "clock" if attendue else "circle-dashed",
                "close": close,
                "retard": retard,
                "mot": "Close" if close else "En retard" if retard else a["issue"] or "En cours",
            }
        )
    return rendu


def domino(dossier):
    """Image et phrases des enchaînements retenus, ou None."""
    liens = dossier["dominos"]
    if not liens:
        return None
    noeuds = {}
    for lien in liens:
        noeuds.setdefault(lien["de"], {"cle": lien["de"], "titre": lien["de_libelle"].split(" (")[0]})
        noeuds.setdefault(lien["vers"], {"cle": lien["vers"], "titre": lien["vers_libelle"].split(" (")[0]})
    g = graphiques.domino(list(noeuds.values()), [(lien["de"], lien["vers"]) for lien in liens])
    phrases = [
        {"texte": f"{_court(li['de_libelle'])} peut entraîner : {_bas(li['vers_libelle'])}.", "ton": "run"}
        for li in liens
    ]
    return {"g": g, "phrases": phrases}


def _court(libelle):
    return libelle.split(" (")[0]


def _bas(libelle):
    mot = _court(libelle)
    return mot[0].lower() + mot[1:]


def frise(parcours, dossier):
    """Les derniers faits du parcours, du plus récent au plus ancien."""
    faits = [(parcours.recue_le, "Demande reçue", parcours.orienteur, "inbox", "sand")]
    if q := dossier["qualification"]:
        faits.append(
            (
                q["le"],
                "Admission" if q["decision"] == "admise" else "Non admise, orientée",
                q["motif"],
                "clipboard-check",
                "done",
            )
        )
    faits += [
        (d["valide_le"], "Diagnostic validé", f"Version {d['rang']}", "clipboard-list", "done")
        for d in dossier["diagnostics"]
        if d["valide_le"]
    ]
    for a in dossier["accords"]:
        faits.append((a["le"], f"Accord : {_nom_accord(a)}", a["partenaire"], "signature", ""))
        if a["retire_le"]:
            faits.append((a["retire_le"], f"Accord retiré : {_nom_accord(a)}", a["partenaire"], "share-off", ""))
    for c in dossier["contacts"]:
        qui = "par la personne" if c["de_la_personne"] else f"par {c['qui']}"
        faits.append((c["le"], f"Contact ({c['canal']})", " ".join(filter(None, [c["note"]])) or qui, "phone", ""))
    faits += _faits_de_l_intervention(dossier["intervention"])
    if (s := dossier["sortie"]) and s["validee_le"]:
        faits.append((s["validee_le"], "Sortie validée", "", "flag", "done"))
    faits.sort(key=lambda fait: fait[0], reverse=True)
    return [
        {"titre": t, "meta": date_moyenne(le).capitalize(), "texte": texte, "icone": ico, "ton": ton}
        for le, t, texte, ico, ton in faits[:8]
    ]


def _faits_de_l_intervention(i):
    if not i:
        return []
    faits = [(i["demarre_le"], f"Intervention ouverte pour {i['duree_jours']} jours", i["objectif"], "target", "done")]
    faits += [
        (a["issue_le"], f"{a['issue']} : {a['intitule']}", a["issue_note"], "circle-check", "")
        for a in i["actions"]
        if a["issue_le"]
    ]
    faits += [(s["du"], "Intervention suspendue", s["motif"], "player-pause", "sand") for s in i["suspensions"]]
    mots = {
        "approuvee": "Prolongation approuvée",
        "refusee": "Prolongation refusée",
        "demandee": "Prolongation demandée",
    }
    faits += [
        (
            p["decidee_le"] or p["demandee_le"],
            f"{mots[p['etat']]} ({p['jours']} jours)",
            p["motif"],
            "calendar-plus",
            "sand",
        )
        for p in i["prolongations"]
    ]
    return faits


def _nom_accord(accord):
    noms = {
        "INFORMATION": "information remise", "ADHESION": "adhésion au dispositif", "PARTAGE": "partage", "SENSIBLE": "données sensibles",
        "CONTACT": "contact", "STATISTIQUES": "statistiques",
    }  # fmt: skip
    return noms.get(accord["code"], accord["finalite"].split(":")[0].split("(")[0].strip())


def accords(dossier):
    """Les accords, en cours d'abord, avec ce qui les borne."""
    rendu = []
    for a in dossier["accords"]:
        cours = accord_en_cours(a)
        precisions = [
            a["partenaire"],
            ", ".join(COURTS.get(c, c).lower() for c in a["axes"] or []),
            a["canal"],
            a["mode"],
        ]
        fin = (
            f"retiré le {date_moyenne(a['retire_le'])}"
            if a["retire_le"]
            else f"jusqu’au {date_moyenne(a['jusqu_au'])}"
            if a["jusqu_au"]
            else ""
        )
        rendu.append(
            {
                "uuid": a["uuid"],
                "nom": _nom_accord(a).capitalize(),
                "le": a["le"],
                "detail": " · ".join(mot for mot in (*precisions, fin) if mot),
                "en_cours": cours,
            }
        )
    return sorted(rendu, key=lambda a: not a["en_cours"])


def autour(dossier):
    """Celles et ceux qui entourent la personne : professionnels, puis entourage."""
    places = dict(Entourage.Role.choices)
    professionnels = [{"nom": r["nom"], "role": r["role"]} for r in dossier["roles"]]
    return professionnels + [
        {"nom": e["nom"], "role": " · ".join(filter(None, [e["lien"].capitalize(), places.get(e["role"], "")]))}
        for e in dossier["entourage"]
    ]


def documents(dossier):
    """Les documents, les plus récents d'abord."""
    return [
        {
            "url": reverse("documents:suivi", args=[d["uuid"]]),
            "nom": GENRES.get(d["genre"], d["genre"]),
            "meta": " · ".join(
                m
                for m in (
                    d["numero"],
                    f"{d['pages']} pages" if d["pages"] else "",
                    d["produit"] and f"le {date_moyenne(d['produit'])}",
                )
                if m
            ),
            "mot": ETATS_DOCUMENT[d["etat"]],
            "ton": {"produit": "green", "echec": "red", "demande": "amber"}.get(d["etat"], ""),
        }
        for d in dossier["documents"]
    ]
