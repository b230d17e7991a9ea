"""Les interventions des dossiers fictifs passent par les mêmes transitions que l'écran, aux dates dites."""

from pathlib import Path

import pytest
import yaml
from django.conf import settings

from interventions.models import Action, Contact, Prolongation, Suspension
from interventions.tests.conftest import au_jour, demarrer, diagnostiquer, jour
from securisation.annuaire.models import Axe, Facteur, IssueDemarche, Levier, ModeAction

pytestmark = pytest.mark.django_db
DOSSIERS = Path(settings.BASE_DIR) / "demonstration"


def ecart(valeur):
    """« J-12 » → -12."""
    return int(valeur.removeprefix("J") or 0)


def evenements(recit):
    """Les faits de l'intervention dans l'ordre des jours : (jour, rang, genre, données)."""
    debut = ecart(recit["demarre_le"])
    faits = [(debut, 0, "demarrer", recit)]
    for arret in recit.get("suspensions", []):
        faits += [(ecart(arret["du"]), 3, "suspendre", arret), (ecart(arret["au"]), 1, "reprendre", arret)]
    for ajout in recit.get("prolongations", []):
        faits += [
            (ecart(ajout["demandee_le"]), 3, "demander", ajout),
            (ecart(ajout["validee_le"]), 3, "approuver", ajout),
        ]
    for action in recit["actions"]:
        faits.append((ecart(action["non_substitution"]["NS-2"]), 2, "inscrire", action))
        faits.append((ecart(action["issue"].get("le", "J")), 3, "issue", action))
    faits += [(ecart(contact), 3, "contact", None) for contact in recit["contacts_de_la_personne"]]
    return sorted(faits, key=lambda fait: fait[:2])


def rejouer(recit, parcours, awa, gaelle):
    """Rejoue ces faits et rend l'intervention."""
    vus, intervention = {}, None
    for le, _, genre, donnees in evenements(recit):
        with au_jour(le):
            if genre == "demarrer":
                intervention = demarrer(parcours, awa, objectif=recit["objectif"], duree_jours=recit["duree_jours"])
            elif genre == "suspendre":
                vus["suspension"] = Suspension(intervention=intervention).suspendre(par=awa, motif=donnees["motif"])
            elif genre == "reprendre":
                vus["suspension"].reprendre(par=awa)
            elif genre == "demander":
                demande = Prolongation(intervention=intervention)
                vus["prolongation"] = demande.demander(par=awa, jours=donnees["jours"], motif=donnees["motif"])
            elif genre == "approuver":
                vus["prolongation"].approuver(par=gaelle)
            elif genre == "inscrire":
                vus[donnees["intitule"]] = inscrire(intervention, awa, donnees)
            elif genre == "issue":
                noter(vus[donnees["intitule"]], awa, donnees["issue"])
            else:
                Contact(parcours=parcours).noter(par=awa, canal="téléphone", de_la_personne=True)
    intervention.refresh_from_db()
    return intervention


def inscrire(intervention, awa, action):
    ns = action["non_substitution"]
    return Action(intervention=intervention).inscrire(
        par=awa,
        levier=Levier.objects.get(code=action["levier"]),
        axe=Axe.objects.get(code=action["axe"]),
        facteur=Facteur.objects.get(code=action["facteur"]),
        mode=ModeAction.objects.get(code=action["mode"]),
        intitule=action["intitule"],
        ns1="oui",
        ns2_sollicite_le=jour(ecart(ns["NS-2"])),
        ns3=ns["NS-3"],
        ns4_relais=str(ns["NS-4"]).partition(" : ")[2],
        reponse_attendue_le=jour(ecart(action["reponse_attendue_le"])),
    )


def noter(action, awa, issue):
    le = jour(ecart(issue["le"])) if "le" in issue else None
    code = IssueDemarche.objects.get(code=issue["code"])
    action.noter_issue(par=awa, issue=code, issue_le=le, issue_note=issue.get("note", ""))


@pytest.mark.parametrize("nom, terme, ouvertes", [("nadia", -14, 1), ("jeanne", -16, 1)])
def test_le_dossier_fictif_passe(request, awa, gaelle, nom, terme, ouvertes):
    dossier = yaml.safe_load((DOSSIERS / f"{nom}.yaml").read_text(encoding="utf-8"))
    recit = dossier["intervention"]
    with au_jour(ecart(recit["demarre_le"]) - 8):
        parcours = request.getfixturevalue("parcours_admis")  # ouvert et admis à ce jour-là
        diagnostiquer(parcours, awa, facteurs={action["facteur"] for action in recit["actions"]})
    intervention = rejouer(recit, parcours, awa, gaelle)
    assert intervention.terme == jour(terme)
    assert intervention.actions.count() == len(recit["actions"])
    assert intervention.actions.ouvertes().count() == ouvertes
    assert parcours.contacts.de_la_personne().count() == len(recit["contacts_de_la_personne"])
