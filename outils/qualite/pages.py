"""Les pages que Jalon photographie et mesure : une ligne chacune.

nom | compte | état | d'où l'on part (une adresse, ou une page déjà nommée), puis les gestes : lien X, bouton X, menu X, aller /x,
sous x/ (l'adresse qui suit celle de la page), déplier X, remplir texte, envoyer (le formulaire de la page), comme compte, coupure (plus de
réseau), ailleurs texte (le même formulaire, rempli ainsi et envoyé d'un autre onglet).
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
mes-parcours-diagnostic | awa | plein | /?phase=diagnostic
recherche | awa | plein | /recherche/?q=karim
recherche-vide | awa | vide | /recherche/?q=Zzyzx
agenda | awa | plein | /agenda/
agenda-avec-qui | awa | plein | /agenda/prevoir/
agenda-suivante | awa | plein | agenda > lien Semaine suivante
agenda-liste | awa | plein | /agenda/?vue=liste
agenda-equipe | gaelle | plein | /agenda/?de=equipe
agenda-vide | elsa | vide | /agenda/
lien-agenda | awa | plein | /agenda/lien/
absences | awa | plein | /compte/absences/
absences-superviseure | gaelle | plein | /compte/absences/
contact-avec-qui | awa | plein | /contacts/noter/
ouvrir | awa | plein | /parcours/ouvrir/
ouvrir-erreur | awa | erreur | ouvrir > envoyer
importer | awa | plein | /parcours/importer/
parcours | awa | plein | /recherche/?q=karim > lien Karim Traoré
parcours-fige | awa | figé | mes-parcours-clos > lien Nadia
parcours-introuvable | awa | interdit | parcours > comme elsa
historique | awa | plein | parcours > lien Tout l’historique
documents | awa | plein | parcours > lien Documents
documents-vides | awa | vide | /recherche/?q=lucas > lien Lucas Hamon > lien Documents
documents-clos | awa | figé | parcours-fige > lien Documents
personne | awa | plein | parcours > lien Modifier la fiche
accords | awa | plein | parcours > lien Tout voir
recueillir-accord | awa | plein | parcours > lien Recueillir un accord
retirer-accord | awa | plein | parcours > lien Retirer l’accord Contact
joindre-papier | awa | plein | accords > lien Joindre le papier
roles | awa | plein | parcours > menu Rôles sur le parcours
entourage | awa | plein | parcours > menu Ajouter à l’entourage
restreindre | gaelle | plein | /recherche/?q=karim > lien Karim Traoré > menu Restreindre
invitations | awa | plein | parcours > menu Partenaires
droits-personne | awa | plein | parcours > menu Droits de la personne
enregistrer-demande | awa | plein | droits-personne > lien Enregistrer une demande
registre-acces | awa | plein | droits-personne > lien Registre d’accès
remettre-copie | awa | plein | droits-personne > lien Préparer la copie complète
demander-effacement | awa | plein | parcours > menu Demander l’effacement
rendez-vous | awa | plein | parcours > menu Rendez-vous
prevoir-rendez-vous | awa | plein | rendez-vous > lien Prévoir un rendez-vous
prevoir-erreur | awa | erreur | prevoir-rendez-vous > envoyer
un-rendez-vous | awa | plein | rendez-vous > lien Concertation
deplacer-rendez-vous | awa | plein | un-rendez-vous > lien Déplacer
annuler-rendez-vous | awa | plein | un-rendez-vous > lien Annuler le rendez-vous
interrompre | awa | plein | parcours > menu Interrompre le parcours
parcours-oriente | awa | plein | /recherche/?q=lucas > lien Lucas Hamon
qualifier | awa | plein | parcours-oriente > lien Qualifier la demande
repondre | awa | plein | /recherche/?q=odile > lien Odile Marchand > menu Noter la réponse donnée
parcours-diagnostic | awa | plein | /recherche/?q=mireille > lien Mireille Gaudin
parcours-sortie | awa | plein | /recherche/?q=solange > lien Solange Ribeiro
contact | awa | plein | parcours > lien Noter un contact
diagnostic | awa | plein | parcours > lien Diagnostic
diagnostic-fige | awa | figé | parcours-fige > lien Diagnostic
diagnostic-en-cours | awa | plein | parcours-diagnostic > lien Continuer le diagnostic
axe | awa | plein | diagnostic-en-cours > lien Administratif
entretien | awa | plein | diagnostic-en-cours > lien Mode entretien
comparaison | awa | plein | diagnostic-en-cours > lien Ce qui a changé depuis
suites | awa | plein | diagnostic-en-cours > sous suites/
parole | awa | plein | diagnostic-en-cours > lien Changer sa priorité
relire-diagnostic | awa | plein | diagnostic-en-cours > sous relire/
demarrer | awa | plein | parcours-diagnostic > sous intervention/demarrer/
intervention | awa | plein | parcours > lien Intervention (
intervention-par-axe | awa | plein | intervention > lien Par axe
intervention-terminee | awa | figé | parcours-sortie > lien Intervention (
prolonger | awa | plein | intervention > menu Demander une prolongation
suspendre | awa | plein | intervention > menu Suspendre l’intervention
action | awa | plein | parcours > lien Recherche d’un nouvel employeur
reponse | awa | plein | action > lien Noter la réponse
modifier-action | awa | plein | action > lien Modifier
action-pieces | awa | plein | parcours-sortie > lien Place en accueil collectif
courriers | awa | plein | action > lien Écrire un courrier
courrier | awa | plein | courriers > lien Relance
courrier-erreur | awa | erreur | courriers > lien Recours après un refus > envoyer
document-courrier | awa | plein | parcours-sortie > lien Courrier
pieces | awa | plein | parcours-sortie > sous pieces/
piece | awa | plein | pieces > lien Réponse du relais petite enfance
retirer-piece | awa | plein | piece > lien Retirer
joindre-piece | awa | plein | parcours > menu Joindre une pièce
joindre-erreur | awa | erreur | joindre-piece > envoyer
contact-erreur | awa | erreur | contact > envoyer
choisir-facteur | awa | plein | intervention > lien Ajouter
choisir-levier | awa | plein | choisir-facteur > lien Hébergé chez un tiers
inscrire-action | awa | plein | choisir-levier > lien Fonds de solidarité pour le logement
action-erreur | awa | erreur | inscrire-action > envoyer
ouvrir-sortie | awa | plein | parcours > menu Ouvrir la sortie
sortie | awa | plein | parcours-sortie > lien Continuer la sortie
recoter | awa | plein | sortie > lien Continuer les cotes
cadre-sortie | awa | plein | sortie > lien Motif et évaluateur
risques | awa | plein | sortie > lien Risques résiduels et relais
inscrire-risque | awa | plein | risques > lien Inscrire un risque
relais | awa | plein | risques > lien Dépendance à une aide ponctuelle
parole-sortie | awa | plein | sortie > lien Parole de la personne
remise | awa | plein | sortie > lien Remis à la personne
relire-sortie | awa | plein | sortie > sous relire/
sortie-figee | awa | figé | parcours-fige > lien Sortie
additif | awa | plein | parcours-fige > menu Écrire un additif
document | awa | plein | parcours > lien Diagnostic de sécurisation
referentiel | awa | plein | /referentiel/
referentiel-recherche | awa | plein | /referentiel/?q=logement
garde | awa | vide | /referentiel/garde/
garde-administratrice | ines | vide | /referentiel/garde/
ecrire-terme | ines | plein | garde-administratrice > lien Ajouter un mot
ecrire-terme-erreur | ines | erreur | ecrire-terme > envoyer
aide | awa | plein | /aide/
aide-superviseure | gaelle | plein | /aide/
aide-delegue | hugo | plein | /aide/
aide-partenaire | chloe | plein | /aide/
aide-direction | jean | plein | /aide/
accessibilite | - | plein | /accessibilite/
verifier | - | plein | /verifier/
verifier-sans-suite | - | vide | /verifier/B-2026-0001-1-K7M4QX2P
verifier-erreur | - | erreur | verifier > bouton Vérifier ce numéro
verifier-document | awa | plein | document > déplier Empreintes > lien /verifier/
ma-connexion | awa | plein | /compte/securite/
sessions | awa | plein | /compte/sessions/
reglages | awa | plein | /compte/reglages/
piste-interdite | bruno | interdit | /piste/
piste | gaelle | plein | /piste/
piste-exporter | gaelle | plein | piste > lien Exporter la sélection
lots | gaelle | plein | /lots/
lots-apercu | gaelle | plein | lots > envoyer
lots-erreur | gaelle | erreur | /lots/?genre=bilan&du=32/13/2026
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
accueil-financeur | farid | plein | /
edition | farid | plein | accueil-financeur > lien E-
edition-remplacee | farid | plein | edition > lien Lire l’édition remplacée
conventions-financeur | farid | plein | /pilotage/conventions/
convention-financeur | farid | plein | conventions-financeur > lien Département
actions-collectives | awa | plein | /pilotage/actions-collectives/
actions-collectives-vide | elsa | vide | /pilotage/actions-collectives/
actions-collectives-direction | jean | plein | /pilotage/actions-collectives/
action-collective | awa | plein | actions-collectives > lien Atelier
noter-action-collective | awa | plein | actions-collectives > lien Noter une action
noter-action-collective-erreur | awa | erreur | noter-action-collective > envoyer
retirer-action-collective | awa | plein | action-collective > lien Retirer cette action
chiffres | jean | vide | /pilotage/chiffres/
chiffres-superviseure | gaelle | vide | /pilotage/chiffres/
rapport-activite | jean | plein | /pilotage/rapport-d-activite/
mots-personnes | jean | plein | /pilotage/mots/
ecarter-phrase | jean | plein | mots-personnes > lien Écarter
mots-du-parcours | awa | plein | parcours > menu Ses mots
conventions | jean | plein | /pilotage/conventions/
convention | jean | plein | conventions > lien Département
nouvelle-convention | jean | plein | /pilotage/conventions/nouvelle/
nouvelle-convention-erreur | jean | erreur | nouvelle-convention > envoyer
modifier-convention | jean | plein | convention > lien Modifier
preparer-edition | jean | plein | convention > lien Préparer une édition
preparer-edition-erreur | jean | erreur | preparer-edition > envoyer
controle-edition | jean | plein | convention > lien E-
publier-edition | jean | plein | controle-edition > lien Publier
ecarter-edition | jean | plein | controle-edition > lien Écarter
edition-direction | jean | plein | /pilotage/editions/ > lien E-
corriger-edition | jean | plein | edition-direction > lien Corriger
retirer-edition | jean | plein | edition-direction > lien Retirer
partages-vide | driss | vide | /partages/
partages | chloe | plein | /partages/
partage | chloe | plein | partages > lien N.
invitation-arrivee | - | plein | /invitation/
second-facteur | awa | plein | /compte/second-facteur/
axe-erreur | awa | erreur | diagnostic-en-cours > lien Administratif > remplir Suivie pour une dépression. > envoyer
hors-ligne | awa | hors ligne | contact > déplier quelques mots > remplir Appelée au sujet du loyer. > coupure > envoyer
conflit | awa | conflit | action > lien Modifier > ailleurs (relancé ce matin) > remplir (relancé hier) > envoyer
prolongation-demandee | awa | plein | prolonger > remplir La réponse de la mission locale est annoncée pour le mois prochain. > envoyer
lot | gaelle | plein | lots-apercu > bouton Produire
decider-prolongation | gaelle | plein | /recherche/?q=karim > lien Karim Traoré > lien Intervention ( > lien Décider
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
        return self.etat in ("plein", "vide", "figé", "interdit") and gestes <= {"lien", "menu", "aller", "sous"}

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
