"""Des dossiers entiers, construits par les transitions : un parcours à chaque moment de sa vie, avec un objet de chaque modèle.

Chaque constructeur rend {modèle: objet}. Les textes saisis portent un mot reconnaissable (`CANARI`) : il ne doit jamais sortir du dossier.
"""

import datetime
import hashlib

from django.utils import timezone

from diagnostics.dominos import proposer
from diagnostics.models import Diagnostic, DominoExamine, EvaluationAxe, FacteurRetenu
from interventions.models import Action, Contact, Derogation, Intervention, Piece, Prolongation, Suspension
from securisation.annuaire.models import (
    Axe,
    Facteur,
    Finalite,
    IssueDemarche,
    Levier,
    ModeAction,
    MotifSortie,
    RisqueResiduel,
)
from securisation.coordination.models import Copie, Invitation
from securisation.coordination.partage import DocumentPartage, Partage
from securisation.documents.machine import Pdf
from securisation.documents.models import Document
from securisation.documents.numerisation import Papier
from securisation.parcours.models import (
    Accord,
    Conservation,
    DeclarationInteret,
    Demande,
    Effacement,
    Entourage,
    Ouverture,
    Parcours,
    Personne,
    Presence,
    Qualification,
    RendezVous,
)
from securisation.pilotage.models import Parole
from securisation.socle import horloge
from securisation.socle.trace import hors_porte
from securisation.synthese.models import LotDeDocuments
from securisation.tests.distribution import admettre, construire_parcours
from sorties.models import Additif, CotationSortie, Risque, Sortie

CANARI = "Canarizette"
PARTAGE = {"partenaire": CANARI, "axes": ["LOG"], "mode": "oral"}


def au_jour(ecart):
    """Fait comme si l'on était `ecart` jours plus tard (ou plus tôt), à la même heure, même par-dessus un changement d'heure."""
    return horloge.reprise_au(timezone.localtime() + datetime.timedelta(days=ecart))


def oriente(awa, bruno):
    """Un parcours qui attend sa qualification."""
    parcours = construire_parcours(awa, intervenant=bruno, nom=CANARI, telephone="06 39 98 77 66")
    parcours.modifier(par=awa, demande=f"Demande de {CANARI}", orienteur=CANARI)
    proche = Entourage(parcours=parcours).inscrire(par=awa, nom=CANARI, lien="sœur")
    declaration = parcours.declarations.first() or DeclarationInteret(parcours=parcours)
    if declaration._state.adding:
        with hors_porte("essai", par=awa):
            declaration.declarer(par=awa, professionnel=awa, absence_de_conflit=True)
    # Sans le mot reconnaissable : le délégué lit cette demande sans ouvrir le dossier.
    champs = {
        "genre": "rectification",
        "recue_le": horloge.aujourd_hui(),
        "moyen": "oral",
        "texte": "Ma commune a changé.",
    }
    demande = Demande(parcours=parcours).enregistrer(par=awa, **champs)
    quand = {"debut": horloge.maintenant(), "lieu": "Permanence", "avec": CANARI}
    rendez_vous = RendezVous(parcours=parcours).prevoir(par=awa, **quand)
    rencontre = {RendezVous: rendez_vous, Presence: rendez_vous.presences.get()}
    autour = {Entourage: proche, DeclarationInteret: declaration, Demande: demande, Ouverture: ouvrir(parcours, awa)}
    return {Parcours: parcours, Personne: parcours.personne} | autour | rencontre


def ouvrir(parcours, par):
    """Une ouverture motivée ; aucun mot du dossier n'y est, la supervision la lit."""
    moment = horloge.instant()
    ouverture = Ouverture(
        parcours=parcours, professionnel=par, motif="Lecture contestée, à vérifier.", ouverte_le=moment
    )
    ouverture.jusqu_au = moment + datetime.timedelta(hours=4)
    with hors_porte("essai", par=par):
        ouverture.save()
    return ouverture


def admis(awa, bruno):
    """Le même, admis, accords recueillis."""
    objets = oriente(awa, bruno)
    parcours = admettre(objets[Parcours], awa, sensible=True)
    partage = Accord(parcours=parcours, finalite=Finalite.objects.get(code="PARTAGE"))
    partage.recueillir(
        par=awa, le=horloge.aujourd_hui(), jusqu_au=horloge.aujourd_hui(), **(PARTAGE | {"partenaire": CANARI})
    )
    phrase = Accord(parcours=parcours, finalite=Finalite.objects.get(code="PAROLE"))
    phrase.recueillir(par=awa, le=horloge.aujourd_hui(), mode="oral")
    # Sans le mot reconnaissable : la direction la relit sans ouvrir le dossier.
    parole = Parole(parcours=parcours).proposer(par=awa, texte="On m’a rappelée, et j’ai gardé mon bail.")
    invite = {"courriel": f"{CANARI.lower()}@exemple.test", "jusqu_au": horloge.aujourd_hui()}
    partages = {Partage: partage, Invitation: Invitation(accord=partage).inviter(par=awa, **invite)}
    return (
        objets | {Parcours: parcours, Qualification: parcours.qualification, Accord: partage, Parole: parole} | partages
    )


def remplir(diagnostic, par):
    """Cote les cinq axes, retient une dette locative et un facteur de budget, examine les suites."""
    for evaluation in diagnostic.evaluations.select_related("axe"):
        evaluation.coter(par=par, criticite=3, criticite_de_la_personne=2, parole=CANARI, points_d_appui=CANARI)
        facteur = Facteur.objects.filter(axe=evaluation.axe, revele_la_sante=False).order_by("ordre").first()
        if not evaluation.facteurs.filter(facteur=facteur).exists():
            FacteurRetenu(evaluation=evaluation, facteur=facteur).retenir(par=par, constate="constaté", note=CANARI)
    for lien in proposer(diagnostic):
        DominoExamine(diagnostic=diagnostic, de=lien.de, vers=lien.vers).examiner(par=par, retenu=True, note=CANARI)
    diagnostic.noter_priorite(par=par, priorite_de_la_personne=CANARI)


def du_diagnostic(diagnostic):
    """Un objet de chaque modèle du diagnostic."""
    logement = diagnostic.evaluations.get(axe__code="LOG")
    objets = {Diagnostic: diagnostic, EvaluationAxe: logement, FacteurRetenu: logement.facteurs.first()}
    return objets | {DominoExamine: diagnostic.dominos.first()}


def diagnostic_ouvert(awa, bruno):
    """Un diagnostic rempli, à relire et valider."""
    objets = admis(awa, bruno)
    diagnostic = Diagnostic(parcours=objets[Parcours]).ouvrir(par=awa)
    remplir(diagnostic, awa)
    return objets | du_diagnostic(diagnostic)


def produire(document):
    """Range un petit fichier, sans la machine PDF."""
    contenu = b"%PDF-1.7 " + CANARI.encode()
    with hors_porte("essai"):
        document.produire(par=None, pdf=Pdf(contenu, 1, hashlib.sha256(contenu).hexdigest()))
    return document


def remettre(parcours, par):
    """Une copie prête à remettre, sans la machine PDF."""
    copie, contenu = Copie(parcours=parcours).demander(par=par, contenu="copie"), b"%PDF-1.7 " + CANARI.encode()
    with hors_porte("essai"):
        copie.produire(
            par=None, pdf=Pdf(contenu, 1, hashlib.sha256(contenu).hexdigest()), donnees=f'"{CANARI}"'.encode()
        )
    return copie


def agir_sur(intervention, par, **champs):
    """Inscrit une démarche sur le logement."""
    facteur = intervention.facteurs_retenus(Axe.objects.get(code="LOG")).first()
    reponses = {"levier": Levier.objects.get(code="L-FSL"), "axe": facteur.axe, "facteur": facteur, "intitule": CANARI}
    reponses |= {"mode": ModeAction.objects.get(code="MA-2"), "ns1": "oui", "ns3": "la personne avec le dispositif"}
    reponses |= {"ns2_sollicite_le": horloge.aujourd_hui(), "reponse_attendue_le": horloge.aujourd_hui()}
    return Action(intervention=intervention).inscrire(par=par, ns4_relais=CANARI, **(reponses | champs))


def verser(parcours, par, **champs):
    """Joint une petite pièce, comme une photo déjà relue."""
    champs = {"intitule": CANARI, "recue_le": horloge.aujourd_hui()} | champs
    papier = Papier(b"%PDF-1.7 " + CANARI.encode(), "application/pdf")
    return Piece(parcours=parcours).verser(par=par, papier=papier, **champs)


def en_intervention(awa, bruno):
    """L'intervention court : une action, un contact ; son diagnostic a son document."""
    objets = diagnostic_ouvert(awa, bruno)
    parcours = objets[Parcours]
    objets[Diagnostic].valider(par=awa)
    donnees = {"objectif": CANARI, "duree_jours": 90, "declaration_absence_conflit_interet": True}
    intervention = Intervention(parcours=parcours).demarrer(par=awa, **donnees)
    contact = Contact(parcours=parcours).noter(par=bruno, canal="SMS", note=CANARI)
    document = produire(Document.objects.get(parcours=parcours, genre="diagnostic"))
    faits = {Intervention: intervention, Contact: contact, Action: agir_sur(intervention, awa)}
    faits |= {Piece: verser(parcours, awa)} | {Document: document, DocumentPartage: document}
    return objets | faits | {Copie: remettre(parcours, awa)}


def suspendue(awa, bruno):
    """L'intervention est suspendue, une prolongation attend sa décision, une nouvelle version du diagnostic est ouverte."""
    objets = en_intervention(awa, bruno)
    prolongation = Prolongation(intervention=objets[Intervention]).demander(par=awa, jours=20, motif=CANARI)
    suspension = Suspension(intervention=objets[Intervention]).suspendre(par=awa, motif=CANARI)
    suivant = Diagnostic(parcours=objets[Parcours]).ouvrir(par=awa)
    with hors_porte("essai"):
        terme = horloge.aujourd_hui() + datetime.timedelta(days=30)
        fin = Conservation(parcours=objets[Parcours]).annoncer(par=None, terme=terme)
    objets |= {Conservation: fin, Effacement: fin.effacement}
    return objets | {Prolongation: prolongation, Suspension: suspension} | du_diagnostic(suivant)


def echue(awa, bruno, gaelle):
    """Le terme est passé de dix jours ; la superviseure a permis une action de plus."""
    with au_jour(-100):
        objets = en_intervention(awa, bruno)
    jusqu_au = horloge.aujourd_hui() + datetime.timedelta(days=10)
    derogation = Derogation(intervention=objets[Intervention]).accorder(par=gaelle, motif=CANARI, jusqu_au=jusqu_au)
    return objets | {Derogation: derogation, Action: agir_sur(objets[Intervention], awa)}


def en_sortie(awa, bruno, gaelle):
    """La sortie est complète, prête à valider."""
    objets = echue(awa, bruno, gaelle)
    for action in objets[Intervention].actions.all():
        accordee = IssueDemarche.objects.get(code="DEM-OK")
        action.noter_issue(par=awa, issue=accordee, issue_le=horloge.aujourd_hui(), issue_note=CANARI)
    sortie = Sortie(parcours=objets[Parcours]).ouvrir(par=awa)
    for cotation in sortie.par_axe():
        cotation.recoter(par=awa, criticite=1, criticite_de_la_personne=1, parole=CANARI)
    relais = {"relais": CANARI, "relais_confirme_le": horloge.aujourd_hui(), "signal_d_alerte": CANARI}
    logement = RisqueResiduel.objects.filter(axes__contains=["LOG"], revele_la_sante=False).first()
    risque = Risque(sortie=sortie).inscrire(par=awa, risque=logement, action=objets[Action], **relais)
    sortie.noter_cadre(par=awa, motif=MotifSortie.objects.get(code="SOR-02"), evaluateur_identique=True)
    sortie.noter_parole(par=awa, parole_de_la_personne=CANARI, desaccord_de_la_personne="")
    sortie.noter_remise(par=awa, remis_a_la_personne=["bilan"])
    return objets | {Sortie: sortie, CotationSortie: sortie.cotations.first(), Risque: risque}


def clos(awa, bruno, gaelle):
    """Le bilan est validé, puis complété d'un additif ; le parcours est figé."""
    objets = en_sortie(awa, bruno, gaelle)
    objets[Sortie].valider(par=awa)
    additif = Additif(sortie=objets[Sortie]).ecrire(par=awa, motif=CANARI, texte=CANARI)
    bilan = produire(Document.objects.get(parcours=objets[Parcours], genre="bilan"))
    LotDeDocuments.inscrire(par=gaelle, genre="bilan", choix="Les bilans", parcours=[objets[Parcours]], refus={})
    objets[Parcours].refresh_from_db()
    return objets | {Additif: additif, Document: bilan}


# Un dossier à chaque moment ; ensemble, ils ont un objet de chaque modèle suivi.
MOMENTS = {
    "oriente": oriente,
    "admis": admis,
    "diagnostic_ouvert": diagnostic_ouvert,
    "suspendue": suspendue,
    "echue": echue,
    "en_sortie": en_sortie,
    "clos": clos,
}


def construire(moment, distribution):
    """Le dossier de Mme Canarizette à ce moment ({modèle: objet})."""
    noms = ("awa", "bruno", "gaelle") if moment in ("echue", "en_sortie", "clos") else ("awa", "bruno")
    return MOMENTS[moment](*(distribution[nom] for nom in noms))
