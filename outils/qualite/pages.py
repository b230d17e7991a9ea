"""Les pages que Jalon photographie et mesure : une ligne chacune.

nom | compte | état | d'où l'on part (une adresse, ou une page déjà nommée), puis les gestes : lien X, bouton X, menu X, aller /x,
remplir texte, envoyer (le formulaire de la page), comme compte, coupure (plus de réseau), ailleurs texte (le même formulaire,
rempli ainsi et envoyé d'un autre onglet).
Celles qui écrivent sont à la fin.
"""

from dataclasses import dataclass

from outils.commun import Panne

LISTE = """
connexion | - | plein | /connexion/
demonstration | - | plein | /demonstration/
mot-de-passe-oublie | - | plein | connexion > lien Mot de passe oublié
mes-parcours | awa | plein | /
mes-parcours-clos | awa | plein | /?phase=clos
mes-parcours-vide | elsa | vide | /
recherche | awa | plein | /recherche/?q=karim
recherche-vide | awa | vide | /recherche/?q=Zzyzx
agenda | awa | plein | /agenda/
lien-agenda | awa | plein | /agenda/lien/
contact-avec-qui | awa | plein | /contacts/noter/
ouvrir | awa | plein | /parcours/ouvrir/
ouvrir-erreur | awa | erreur | ouvrir > envoyer
importer | awa | plein | /parcours/importer/
parcours | awa | plein | /recherche/?q=karim > lien Karim Traoré
parcours-fige | awa | figé | mes-parcours-clos > lien Nadia
parcours-introuvable | awa | interdit | parcours > comme elsa
historique | awa | plein | parcours > lien Tout l’historique
personne | awa | plein | parcours > lien Modifier la fiche
accords | awa | plein | parcours > lien Tout voir
recueillir-accord | awa | plein | parcours > lien Recueillir un accord
retirer-accord | awa | plein | parcours > lien Retirer l’accord Contact
roles | awa | plein | parcours > menu Rôles sur le parcours
droits-personne | awa | plein | parcours > menu Droits de la personne
interrompre | awa | plein | parcours > menu Interrompre le parcours
contact | awa | plein | parcours > lien Noter un contact
diagnostic | awa | plein | parcours > lien Diagnostic
diagnostic-fige | awa | figé | parcours-fige > lien Diagnostic
intervention | awa | plein | parcours > lien Intervention (
action | awa | plein | parcours > lien Recherche d'un nouvel employeur
reponse | awa | plein | action > lien Noter la réponse
contact-erreur | awa | erreur | contact > envoyer
choisir-facteur | awa | plein | intervention > lien Ajouter
choisir-levier | awa | plein | choisir-facteur > lien Hébergé chez un tiers
inscrire-action | awa | plein | choisir-levier > lien Fonds de solidarité pour le logement
action-erreur | awa | erreur | inscrire-action > envoyer
ouvrir-sortie | awa | plein | parcours > menu Ouvrir la sortie
sortie-figee | awa | figé | parcours-fige > lien Sortie
document | awa | plein | parcours > lien Diagnostic de sécurisation
referentiel | awa | plein | /referentiel/
referentiel-recherche | awa | plein | /referentiel/?q=logement
aide | awa | plein | /aide/
aide-superviseure | gaelle | plein | /aide/
aide-delegue | hugo | plein | /aide/
aide-partenaire | chloe | plein | /aide/
accessibilite | - | plein | /accessibilite/
ma-connexion | awa | plein | /compte/securite/
sessions | awa | plein | /compte/sessions/
piste-interdite | bruno | interdit | /piste/
piste | gaelle | plein | /piste/
mes-parcours-superviseure | gaelle | plein | /
ouvertures | hugo | vide | /ouvertures/
ouvrir-par-motif | hugo | plein | /ouvertures/ouvrir/
droits-des-personnes | hugo | plein | /droits-des-personnes/
conservation | hugo | plein | /conservation/
registre-traitements | hugo | plein | /registre-des-traitements/
effacements | hugo | vide | /effacements/
alertes | hugo | vide | /alertes/
fonctions | jean | vide | /fonctions/
referentiel-administratrice | ines | plein | /referentiel/
accueil-financeur | farid | vide | /
partages-vide | driss | vide | /partages/
partages | chloe | plein | /partages/
hors-ligne | awa | hors ligne | contact > remplir Appelée au sujet du loyer. > coupure > envoyer
conflit | awa | conflit | action > lien Modifier > ailleurs (relancé ce matin) > remplir (relancé hier) > envoyer
"""
STATUTS = {
    "plein": (200,),
    "vide": (200,),
    "figé": (200,),
    "erreur": (422, 400),
    "interdit": (403, 404),
    "conflit": (409,),
    "hors ligne": (200,),
}


@dataclass(frozen=True)
class Fiche:
    """Une page : son nom, qui l'ouvre, dans quel état, par quels gestes."""

    nom: str
    compte: str
    etat: str
    chemin: str

    @property
    def adressable(self):
        """Vrai quand son adresse suffit à la rouvrir sous ce compte : aucun geste n'y envoie rien."""
        gestes = {geste.split()[0] for geste in self.chemin.split(" > ")[1:]}
        return self.etat in ("plein", "vide", "figé", "interdit") and gestes <= {"lien", "menu", "aller"}

    @property
    def passe_le_phare(self):
        """Vrai pour ce que Lighthouse sait ouvrir : une adresse qui répond 200."""
        return self.adressable and self.etat != "interdit"

    def verifier(self, page):
        """Panne si le dernier document rendu n'a pas le statut de cet état."""
        statut = page.reponses[-1].status
        if statut not in STATUTS[self.etat]:
            raise Panne(f"{page.url} répond {statut}")


def fiches():
    """La liste, dans l'ordre où elle s'ouvre."""
    chemins, rendues = {}, []
    for ligne in filter(str.strip, LISTE.strip().splitlines()):
        nom, compte, etat, chemin = (mot.strip() for mot in ligne.split("|"))
        depart, *gestes = chemin.split(" > ")
        chemins[nom] = " > ".join([chemins.get(depart, depart), *gestes])
        rendues.append(Fiche(nom, compte, etat, chemins[nom]))
    return rendues


def choisir(noms):
    """Les fiches de ces noms ; toutes sans nom. Un nom inconnu est une panne."""
    toutes = fiches()
    inconnus = sorted(set(noms) - {fiche.nom for fiche in toutes})
    if inconnus:
        raise Panne(f"page inconnue : {', '.join(inconnus)} (voir outils/qualite/pages.py).")
    return [fiche for fiche in toutes if not noms or fiche.nom in noms]
