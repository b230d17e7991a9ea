"""Pages de l'intervention : la démarrer, la suivre, ses actions, ses contacts, et ce qui déplace son terme."""

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from interventions import bornage, forms, plan, reserve, substitution
from interventions.courriers import redaction
from interventions.models import Action, Derogation, Intervention, Prolongation, Suspension
from interventions.models.intervention import exiger_l_accord_sensible
from interventions.pieces import presentation as pieces
from securisation.parcours.models import Parcours
from securisation.socle import horloge
from securisation.socle.acces import acces
from securisation.socle.formulaires import agir, page_de_formulaire
from securisation.socle.refus import Introuvable
from securisation.socle.templatetags.jalon import compte, dans, date_moyenne

PAGE = "composants/formulaire.html"
CONFIRMATION = "composants/confirmation.html"
AUTRES_GESTES = [
    (
        "suspendre_intervention",
        "interventions:suspendre",
        {"libelle": "Suspendre l’intervention", "icone": "player-pause"},
    ),
    (
        "demander_prolongation",
        "interventions:prolonger",
        {"libelle": "Demander une prolongation", "icone": "hourglass-low"},
    ),
    ("deroger_au_terme", "interventions:deroger", {"libelle": "Accorder une dérogation", "icone": "rubber-stamp"}),
    ("ouvrir_sortie", "sorties:ouvrir", {"libelle": "Ouvrir la sortie", "icone": "flag"}),
]


def _vers_le_parcours(parcours):
    return {"retour_url": parcours.get_absolute_url(), "retour": parcours.personne.appellation, "parcours": parcours}


def _vers_l_intervention(intervention):
    contexte = {"retour_url": intervention.get_absolute_url(), "retour": "Intervention"}
    return contexte | {"parcours": intervention.parcours, "intervention": intervention}


def _fait(request, ou, phrase):
    messages.success(request, phrase)
    return redirect(ou.get_absolute_url())


def _gestes(par, intervention):
    """Les gestes permis à ce professionnel maintenant : {mot: vrai}."""
    ouverte, echue = intervention.est_dans_sa_phase, intervention.est_echue
    court = ouverte and intervention.etat == intervention.Etat.EN_COURS
    possibles = {
        "noter_contact": not intervention.parcours.est_fige,
        "conduire_action": court and (not echue or intervention.derogation_en_cours() is not None),
        "suspendre_intervention": ouverte and (not court or not echue),
        "demander_prolongation": ouverte and not echue and not intervention.prolongations_engagees(),
        "decider_prolongation": ouverte,
        "deroger_au_terme": court and echue,
        "ouvrir_sortie": ouverte,
    }
    return {mot: oui and Parcours.autorise(par, mot, intervention.parcours) for mot, oui in possibles.items()}


def _menu_et_bandeau(intervention, gestes):
    """Le menu, et ce que le bandeau dit : la décision attendue, le terme passé, ou la suspension ; rien après la fin."""
    court = intervention.finie_le is None
    attendue = next((p for p in intervention.prolongations.all() if court and p.etat == p.Etat.DEMANDEE), None)
    suspension = next((s for s in intervention.suspensions.all() if court and s.au is None), None)
    terme = date_moyenne(intervention.terme_a_ce_jour)
    texte = f"Le temps est arrêté depuis le {date_moyenne(suspension.du)}." if suspension else ""
    if attendue:
        texte = f"{compte(attendue.jours, 'jour,jours')} de plus après le {terme}. {attendue.motif}"
    elif intervention.est_echue:
        texte = f"Intervention échue {dans(intervention.terme_a_ce_jour)} : le terme était le {terme}."
    autres = _autres_gestes(intervention, gestes)
    return {"attendue": attendue, "suspension": suspension, "bandeau": texte, "autres": autres}


def _autres_gestes(intervention, gestes):
    """Entrées du menu « Autres actions »."""
    liens = [
        {"url": _adresse(route, intervention.parcours if mot == "ouvrir_sortie" else intervention)} | apparence
        for mot, route, apparence in AUTRES_GESTES
        if gestes[mot] and not (mot == "suspendre_intervention" and intervention.etat == intervention.Etat.SUSPENDUE)
    ]
    return [lien for lien in liens if lien["url"]]


def _adresse(route, objet):
    """L'adresse de cette page, ou rien si l'application qui la porte n'est pas là."""
    try:
        return reverse(route, args=[objet.uuid])
    except NoReverseMatch:
        return ""


@acces(Intervention, lire="voir_parcours")
def detail(request, intervention):
    """La page de l'intervention : son temps, ses actions, ses contacts."""
    prefetch_related_objects([intervention], "suspensions", "prolongations__demandee_par", "derogations__accordee_par")
    actions = reserve.lisibles(intervention.actions.pour_page(), intervention.parcours)
    gestes, ordre = _gestes(request.user, intervention), plan.lire_l_ordre(request.GET)
    contexte = {
        "temps": bornage.boite(intervention, horloge.aujourd_hui()),
        "groupes": plan.groupes(actions, ordre),
        "nombre": len(actions),
        "segments": plan.segments(ordre),
        "contacts": intervention.parcours.contacts.de_l_intervention(intervention)[:10],
        "gestes": gestes,
        "i": intervention,
    }
    contexte |= _menu_et_bandeau(intervention, gestes) | _vers_le_parcours(intervention.parcours)
    return render(request, "interventions/detail.html", contexte)


@acces(Parcours, lire="demarrer_intervention")
def demarrer(request, parcours):
    """Démarrer l'intervention, une fois le diagnostic validé."""
    if hasattr(parcours, "intervention"):
        return redirect(parcours.intervention.get_absolute_url())
    intervention = Intervention(parcours=parcours)
    intervention.exiger_un_diagnostic_valide()
    form = forms.FormulaireDemarrage(request.POST or None)
    if request.method == "POST" and agir(form, intervention.demarrer, par=request.user):
        return _fait(request, intervention, f"Intervention démarrée, terme le {date_moyenne(intervention.terme)}.")
    contexte = {"titre": "Démarrer l’intervention", "bouton": "Démarrer l’intervention"}
    return page_de_formulaire(request, PAGE, form, **contexte, **_vers_le_parcours(parcours))


# -- actions


def _facteurs_lisibles(intervention):
    return reserve.lisibles(intervention.facteurs_retenus(), intervention.parcours, taire=reserve.taire_le_facteur)


@acces(Intervention, lire="conduire_action")
def choisir_facteur(request, intervention):
    """Quel facteur l'action traite-t-elle ? Les facteurs retenus, rangés par axe."""
    intervention.exiger_l_inscription()
    facteurs = _facteurs_lisibles(intervention)
    contexte = {"facteurs": facteurs, **_vers_l_intervention(intervention)}
    return render(request, "interventions/facteurs.html", contexte)


def _facteur_a_traiter(intervention, code):
    """Le facteur retenu de ce code, où une action peut s'inscrire aujourd'hui ; sinon introuvable, ou refus."""
    facteur = intervention.facteurs_retenus().filter(code=code).first()
    if facteur is None:
        raise Introuvable()
    exiger_l_accord_sensible(intervention.parcours, facteur.revele_la_sante)
    intervention.exiger_l_inscription()
    return facteur


@acces(Intervention, lire="conduire_action")
def choisir_levier(request, intervention, code):
    """Par quel levier ? Ceux de l'axe d'abord ; ce qui s'en déduit préremplit la page suivante."""
    facteur = _facteur_a_traiter(intervention, code)
    contexte = {
        "facteur": facteur,
        "groupes": substitution.leviers_pour(facteur.axe, sensible=intervention.parcours.a_accord("SENSIBLE")),
        "inscrire": reverse("interventions:inscrire_action", args=[intervention.uuid, facteur.code]),
    }
    return render(request, "interventions/leviers.html", contexte | _vers_l_intervention(intervention))


@acces(Intervention, lire="conduire_action")
def inscrire_action(request, intervention, code):
    """Inscrire une action sur ce facteur ; un levier choisi en préremplit les réponses, que la personne confirme."""
    facteur = _facteur_a_traiter(intervention, code)
    levier = substitution.levier_de(request.GET.get("levier"))
    form = forms.FormulaireAction(request.POST or None, axe=facteur.axe, propose=substitution.proposer(levier))
    action = Action(intervention=intervention)
    if request.method == "POST" and agir(form, action.inscrire, par=request.user, facteur=facteur, axe=facteur.axe):
        return _fait(request, intervention, "Action inscrite.")
    contexte = {"titre": "Nouvelle action", "facteur": facteur, "bouton": "Inscrire l’action", "levier": levier}
    return page_de_formulaire(
        request, "interventions/action_formulaire.html", form, **contexte, **_vers_l_intervention(intervention)
    )


@acces(Action, lire="voir_parcours")
def action(request, action):
    """Une action : ce qu'elle mobilise, ses cinq réponses, son issue."""
    peut = not action.intervention.parcours.est_fige and Parcours.autorise(
        request.user, "conduire_action", action.intervention.parcours
    )
    reserve.lisibles([action], action.intervention.parcours)
    contexte = {"a": action, "peut": peut, "garde": reserve.GARDE, **_vers_l_intervention(action.intervention)}
    contexte |= pieces.de_l_action(action, request.user) | {"courriers": redaction.ecrits(action)}
    return render(request, "interventions/action.html", contexte)


@acces(Action, lire="conduire_action")
def modifier_action(request, action):
    """Corriger une action."""
    action.exiger_l_accord()
    figee = not action.intervention.accepte_une_action()
    form = forms.FormulaireAction(request.POST or None, objet=action, axe=action.axe, figee=figee)
    if request.method == "POST" and agir(form, action.modifier, par=request.user):
        return _fait(request, action, "Action mise à jour.")
    contexte = _vers_l_intervention(action.intervention) | {"retour_url": action.get_absolute_url(), "retour": "Action"}
    contexte |= {"titre": "Modifier l’action", "facteur": action.facteur, "bouton": "Enregistrer", "figee": figee}
    return page_de_formulaire(request, "interventions/action_formulaire.html", form, **contexte)


@acces(Action, lire="conduire_action")
def noter_issue(request, action):
    """Noter où en est la démarche."""
    action.exiger_l_accord()
    form = forms.FormulaireIssue(request.POST or None, objet=action)
    if request.method == "POST" and agir(form, action.noter_issue, par=request.user):
        return _fait(request, action.intervention, "Issue notée.")
    contexte = _vers_l_intervention(action.intervention) | {"retour_url": action.get_absolute_url(), "retour": "Action"}
    return page_de_formulaire(request, "interventions/issue.html", form, a=action, **contexte)


# -- ce qui déplace ou franchit le terme


@acces(Intervention, lire="suspendre_intervention")
def suspendre(request, intervention):
    """Suspendre : le temps s'arrête."""
    intervention.exiger_la_phase()
    intervention.exiger_le_temps_ouvert()
    form = forms.FormulaireSuspension(request.POST or None)
    if request.method == "POST" and agir(form, Suspension(intervention=intervention).suspendre, par=request.user):
        return _fait(request, intervention, "Intervention suspendue.")
    contexte = {
        "titre": "Suspendre l’intervention",
        "bouton": "Suspendre",
        "consequences": _suites_suspension(intervention),
    }
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **_vers_l_intervention(intervention))


def _accorde(nombre, formes):
    """La forme qui va avec ce nombre, sans le nombre : « jour,jours »."""
    singulier, pluriel = formes.split(",")
    return pluriel if nombre > 1 else singulier


def _suites_suspension(intervention):
    reste = intervention.jours_de_suspension_restants
    return [
        {"texte": "Le temps s’arrête : à la reprise, le terme se déplacera d’autant de jours."},
        {
            "chiffre": reste,
            "texte": f"{_accorde(reste, 'jour de suspension encore possible,jours de suspension encore possibles')}. "
            "Au-delà, le temps recommence à courir.",
        },
        {
            "texte": "Aucune action nouvelle ne s’inscrit pendant la suspension. Contacts et réponses se notent toujours."
        },
    ]


@acces(Suspension, lire="suspendre_intervention")
def reprendre(request, suspension):
    """Reprendre : le terme se déplace."""
    intervention = suspension.intervention
    suspension.exiger_en_cours()
    form = forms.FormulaireReprise(request.POST or None, objet=suspension)
    if request.method == "POST" and agir(form, suspension.reprendre, par=request.user):
        suite = _deplacement("Le terme", intervention.terme, suspension.intervention.terme)
        return _fait(request, intervention, f"Intervention reprise. {suite}.")
    suite = _deplacement("le terme", intervention.terme, intervention.terme_a_ce_jour)
    contexte = {"titre": "Reprendre l’intervention", "bouton": "Reprendre"}
    contexte["consequences"] = [{"texte": f"Reprise aujourd’hui : {suite}."}]
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **_vers_l_intervention(intervention))


def _deplacement(quoi, avant, apres):
    """Ce qu'un jour devient, en mots : il passe d'un jour à l'autre, ou ne change pas."""
    if avant == apres:
        return f"{quoi} ne change pas, c’est le {date_moyenne(apres)}"
    return f"{quoi} passe du {date_moyenne(avant)} au {date_moyenne(apres)}"


@acces(Intervention, lire="demander_prolongation")
def prolonger(request, intervention):
    """Demander une prolongation."""
    Prolongation(intervention=intervention).exiger_la_place()
    form = forms.FormulaireProlongation(request.POST or None)
    if request.method == "POST" and agir(form, Prolongation(intervention=intervention).demander, par=request.user):
        return _fait(request, intervention, "Prolongation demandée. Un superviseur de l’équipe décidera.")
    intro = f"Le terme est le {date_moyenne(intervention.terme_a_ce_jour)}. Il ne change qu’après la décision d’un superviseur."
    contexte = {"titre": "Demander une prolongation", "intro": intro, "bouton": "Envoyer la demande"}
    return page_de_formulaire(request, PAGE, form, **contexte, **_vers_l_intervention(intervention))


@acces(Prolongation, lire="decider_prolongation")
def decider(request, prolongation):
    """Approuver ou refuser une prolongation."""
    prolongation.exiger_la_decision(request.user)
    form = forms.FormulaireDecision(request.POST or None, initial={"version": prolongation.version})
    if request.method == "POST" and agir(
        form, lambda **champs: getattr(prolongation, form.cleaned_data["decision"])(**champs), par=request.user
    ):
        return _fait(request, prolongation.intervention, f"Prolongation {prolongation.get_etat_display().lower()}.")
    contexte = {"titre": "Décider d’une prolongation", "bouton": "Enregistrer la décision"}
    contexte["consequences"] = _suites_decision(prolongation)
    return page_de_formulaire(
        request, CONFIRMATION, form, **contexte, **_vers_l_intervention(prolongation.intervention)
    )


def _suites_decision(prolongation):
    terme = prolongation.intervention.terme_a_ce_jour
    nouveau = bornage.terme(terme, prolongation.jours)
    demandes = _accorde(prolongation.jours, "jour demandé,jours demandés")
    qui_et_quand = f"par {prolongation.demandee_par.nom_complet} le {date_moyenne(prolongation.demandee_le)}"
    return [
        {
            "chiffre": prolongation.jours,
            "texte": f"{demandes} {qui_et_quand}.",
        },
        {"texte": f"Motif : {prolongation.motif}"},
        {"texte": f"Si vous approuvez, le terme passe du {date_moyenne(terme)} au {date_moyenne(nouveau)}."},
        {"texte": "Si vous refusez, le terme ne change pas ; le motif reste au dossier."},
    ]


@acces(Intervention, lire="deroger_au_terme")
def deroger(request, intervention):
    """Accorder une dérogation au terme."""
    intervention.exiger_l_echeance()
    form = forms.FormulaireDerogation(request.POST or None)
    if request.method == "POST" and agir(form, Derogation(intervention=intervention).accorder, par=request.user):
        return _fait(request, intervention, "Dérogation accordée.")
    depuis = compte(-intervention.jours_restants, "jour,jours")
    suites = [
        {"texte": f"L’intervention est échue depuis {depuis} : une action nouvelle y est interdite."},
        {
            "texte": "La dérogation permet d’en inscrire jusqu’à la date dite. Elle reste au dossier, avec votre nom et son motif."
        },
    ]
    contexte = {"titre": "Accorder une dérogation au terme", "bouton": "Accorder la dérogation", "consequences": suites}
    return page_de_formulaire(request, CONFIRMATION, form, **contexte, **_vers_l_intervention(intervention))
