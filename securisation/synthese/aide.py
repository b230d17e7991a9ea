"""L'aide, rôle par rôle : ce qu'on vient faire, ce que Jalon refuse et pourquoi. Les mots entre « » sont ceux de l'écran."""

from dataclasses import dataclass

from django.urls import reverse

from securisation.annuaire.glossaire import mots


@dataclass(frozen=True)
class Geste:
    """Ce qu'on vient faire : son nom, comment on s'y prend, et la page d'où l'on part si elle ne dépend d'aucun dossier."""

    nom: str
    comment: str
    route: str = ""

    @property
    def adresse(self):
        """L'adresse de la page de départ, ou rien."""
        return reverse(self.route) if self.route else ""


@dataclass(frozen=True)
class Role:
    """L'aide d'un rôle."""

    cle: str
    nom: str
    pour: str
    gestes: tuple
    refus: tuple
    cles_des_mots: str

    @property
    def mots(self):
        """Les mots à connaître pour ce rôle."""
        return mots(self.cles_des_mots)


ACCOMPAGNER = Role(
    "accompagner",
    "Référent, intervenant",
    "Vous accompagnez des personnes, du premier échange à la sortie.",
    (
        Geste(
            "Commencer la journée",
            "« Mes parcours » met en haut ce qui est dû, le retard d’abord. La loupe cherche par nom, numéro ou téléphone.",
            "synthese:mes_parcours",
        ),
        Geste(
            "Tenir son agenda",
            "Rendez-vous et échéances. « Mon calendrier » les met dans votre téléphone ; « Absences » dit qui remplace.",
            "synthese:agenda",
        ),
        Geste(
            "Noter un contact, une action collective",
            "« Nouveau contact », au menu, ou dans le parcours : par quel moyen, à l’initiative de qui, quelques mots. "
            "« Actions collectives » : un atelier, une permanence, une réunion ; des nombres, aucun nom.",
            "synthese:contact",
        ),
        Geste(
            "Ouvrir un parcours, tenir ses accords",
            "Un prénom ou un code suffit. « Accords » les recueille et les retire : la page dit d’avance ce qu’un retrait ferme.",
            "parcours:ouvrir",
        ),
        Geste(
            "Mener le diagnostic",
            "Un axe à la fois ; la saisie se garde seule. « Mode entretien » : l’écran tourné vers la personne. Sur papier : "
            "« Feuille à imprimer (PDF) », à recopier puis à détruire.",
        ),
        Geste(
            "Inscrire une action, noter la réponse",
            "Dans l’intervention, « Ajouter » : le facteur, le levier, cinq questions. Puis « Noter la réponse ». Un silence se "
            "note aussi : il peut avoir un effet de droit.",
        ),
        Geste(
            "Joindre une pièce, écrire un courrier",
            "« Joindre une pièce », dans le parcours ou l’action : un papier scanné, une photo. "
            "« Écrire un courrier », dans l’action : un modèle rempli, que la personne signe.",
        ),
        Geste(
            "Préparer la sortie",
            "« Ouvrir la sortie » liste ce qui manque : niveaux, relais, risques résiduels, mots de la personne.",
        ),
    ),
    (
        (
            "Écrire un diagnostic médical",
            "Écrivez ce que la situation empêche ou demande, pas sa cause. La garde propose d’autres mots.",
        ),
        (
            "Commencer une action après le terme",
            "L’intervention est échue : demandez une prolongation, ou préparez la sortie.",
        ),
        ("Agir sans adhésion", "Rien ne s’écrit tant que l’accord n’est pas recueilli. La page dit lequel et comment."),
        ("Modifier un parcours clos", "Il est figé. Une correction s’ajoute par un additif, avec son motif."),
    ),
    "parcours referent accord axe facteur criticite domino levier action silence bornage terme relais risque_residuel",
)
SUPERVISER = Role(
    "superviser",
    "Superviseur",
    "Vous répondez d’une équipe : vous approuvez, vous lisez, vous ne menez pas les dossiers à la place des référents.",
    (
        Geste(
            "Décider d’une prolongation",
            "Les demandes sont en tête de « Mes parcours ». Lisez le motif, puis approuvez ou refusez, avec le vôtre.",
            "synthese:mes_parcours",
        ),
        Geste(
            "Voir la semaine de l’équipe",
            "« Agenda », puis « Mon équipe » : rendez-vous et échéances des parcours que vous voyez. La loupe en trouve un.",
            "synthese:agenda",
        ),
        Geste(
            "Poser une absence",
            "La vôtre, ou celle d’un membre de l’équipe, et qui remplace. Remplacer n’ouvre aucun dossier.",
            "comptes:absences",
        ),
        Geste(
            "Lire qui a fait quoi",
            "La « Piste d’audit » montre les actes et les lectures de votre équipe.",
            "synthese:piste",
        ),
        Geste(
            "Suivre les droits des personnes",
            "« Droits des personnes » dit les demandes reçues et leur date limite.",
            "coordination:tableau",
        ),
        Geste(
            "Suivre la conservation",
            "« Conservation » dit quels dossiers arrivent au bout de leur durée.",
            "parcours:conservation",
        ),
    ),
    (
        (
            "Approuver sa propre demande",
            "Une autre personne décide : c’est ce qui protège la personne suivie, et vous.",
        ),
        ("Entrer dans un parcours restreint", "Seuls ceux qui y ont un rôle le voient. Demandez au référent."),
    ),
    "parcours terme prolongation suspension restreint journal historique conservation",
)
PROTEGER = Role(
    "proteger",
    "Délégué à la protection des données",
    "Vous veillez aux droits des personnes. Vous n’ouvrez aucun dossier sans un motif écrit.",
    (
        Geste(
            "Regarder les alertes",
            "« Alertes » réunit ce qui sort de l’ordinaire : lectures en nombre, recherches répétées, chaîne rompue.",
            "synthese:alertes",
        ),
        Geste(
            "Lire le journal des accès",
            "La « Piste d’audit » dit qui a fait et qui a vu, sans montrer le contenu.",
            "synthese:piste",
        ),
        Geste(
            "Ouvrir un dossier par un motif",
            "« Ouvertures motivées » : un motif, un temps court, une trace que le référent lit.",
            "parcours:ouvertures",
        ),
        Geste(
            "Répondre à une demande",
            "« Droits des personnes » : accès, rectification, limitation, opposition, et leurs dates.",
            "coordination:tableau",
        ),
        Geste(
            "Effacer à deux",
            "« Effacements » : une personne demande, une autre décide. Un certificat en reste.",
            "parcours:effacements",
        ),
        Geste(
            "Tenir le registre",
            "« Registre des traitements » se tire du logiciel lui-même.",
            "parcours:registre_traitements",
        ),
        Geste(
            "Confirmer une fonction",
            "« Fonctions à confirmer » : qui propose ou reçoit ne confirme jamais.",
            "comptes:fonctions",
        ),
    ),
    (
        ("Lire un dossier sans motif", "La page est introuvable pour vous aussi, jusqu’à l’ouverture motivée."),
        ("Effacer seul", "L’effacement est définitif : il demande deux personnes."),
    ),
    "ouverture_motivee journal historique restreint conservation effacement accord",
)
ADMINISTRER = Role(
    "administrer",
    "Administrateur fonctionnel",
    "Vous tenez les comptes, les équipes et le référentiel. Vous n’ouvrez aucun parcours.",
    (
        Geste(
            "Relire le référentiel",
            "« Référentiel » : choisissez une liste, lisez chaque ligne, dites-la relue. Les modèles de courrier en sont.",
            "annuaire:referentiel",
        ),
        Geste(
            "Proposer une fonction",
            "Dans l’administration, la fonction se propose ; la direction ou le délégué la confirme.",
        ),
        Geste("Fermer un compte", "Dans l’administration : ses sessions se ferment aussitôt, ce qu’il a écrit reste."),
        Geste("Protéger votre compte", "« Ma connexion » : second facteur, clés, sessions ouvertes.", "mfa_index"),
    ),
    (
        ("Ouvrir un dossier", "Votre fonction n’en montre aucun : la page est introuvable."),
        ("Se confier une fonction", "Une autre personne confirme toujours."),
    ),
    "levier facteur axe referent journal",
)
PARTAGER = Role(
    "partager",
    "Partenaire",
    "Une personne a accepté de vous montrer une partie de son parcours. Vous ne voyez que cela.",
    (
        Geste(
            "Lire ce qui vous est partagé",
            "« Partagé avec vous » : les axes et les documents que l’accord nomme, jusqu’à sa date.",
            "coordination:partages",
        ),
        Geste(
            "Comprendre une page devenue introuvable",
            "L’accord a pris fin ou a été retiré. Parlez-en à l’équipe qui accompagne la personne.",
        ),
    ),
    (
        ("Voir un autre axe", "La personne ne l’a pas accepté. Elle seule peut l’ouvrir, avec son référent."),
        (
            "Transmettre plus loin",
            "Le partage est à votre nom. Chaque lecture est inscrite, et la personne peut en demander la liste.",
        ),
    ),
    "parcours partage accord axe criticite",
)
FINANCER = Role(
    "financer",
    "Financeur",
    "Vous lisez des chiffres publiés. Aucune page ne vous montre une personne.",
    (
        Geste(
            "Lire une édition",
            "« Éditions publiées » : les nombres d’une convention sur une période, en page, en PDF et en tableaux. La direction les "
            "prépare, les contrôle et les publie depuis « Conventions et éditions ».",
            "pilotage:editions",
        ),
        Geste(
            "Savoir ce qui se mesure",
            "Des nombres, des moyens déployés, des durées ; jamais un classement de professionnels.",
        ),
        Geste("Protéger votre compte", "« Ma connexion » : second facteur, clés, sessions ouvertes.", "mfa_index"),
    ),
    (
        ("Ouvrir un parcours", "Il est introuvable, même avec son adresse."),
        (
            "Récrire une édition publiée",
            "Elle est figée. Une correction est une nouvelle édition, qui dit ce qui change et remplace l’ancienne.",
        ),
        (
            "Demander une moyenne des cinq axes",
            "Elle n’aurait pas de sens : un axe en rupture ne se compense pas par un autre.",
        ),
    ),
    "parcours axe criticite obligation_de_moyens bilan",
)
DIRIGER = Role(
    "diriger",
    "Direction",
    "Vous lisez des chiffres, vous publiez des éditions. Aucune page ne vous montre un dossier.",
    (
        Geste(
            "Lire les chiffres",
            "« Chiffres et activité » : par période, équipe et territoire. « Rapport d’activité » : contacts, aller-vers, actions "
            "collectives, coordination, en PDF et en tableaux.",
            "pilotage:chiffres",
        ),
        Geste(
            "Préparer une édition de financeur",
            "« Conventions et éditions » : l’édition se calcule, se contrôle, puis se publie. Elle ne se récrit plus.",
            "pilotage:conventions",
        ),
        Geste(
            "Relire les mots des personnes",
            "« Mots des personnes » : une phrase se retient ou s’écarte ; vous ne voyez ni le parcours ni l’équipe.",
            "pilotage:mots",
        ),
        Geste(
            "Confirmer une fonction",
            "« Fonctions à confirmer » : qui propose ou reçoit ne confirme jamais.",
            "comptes:fonctions",
        ),
    ),
    (
        (
            "Voir un nombre de dix ou moins",
            "« ≤ 10 » : un si petit nombre désignerait quelqu’un, même dans l’association.",
        ),
        ("Comparer des professionnels", "Aucun chiffre n’est compté par professionnel, rien n’y est classé."),
        ("Choisir une période au jour près", "Deux périodes à un jour près diraient qui est entré ce jour-là."),
    ),
    "parcours axe criticite obligation_de_moyens bilan",
)
ROLES = {role.cle: role for role in (ACCOMPAGNER, SUPERVISER, PROTEGER, ADMINISTRER, PARTAGER, FINANCER, DIRIGER)}
_FONCTIONS = {
    "SUPERVISEUR": SUPERVISER,
    "DPO": PROTEGER,
    "ADMINISTRATEUR": ADMINISTRER,
    "FINANCEUR": FINANCER,
    "DIRECTION": DIRIGER,
}


def roles_lus(professionnel):
    """Les rôles dont ce compte lit l'aide, par clé : tous, car chacun sait ce que font les autres ; un financeur, la sienne."""
    return {FINANCER.cle: FINANCER} if professionnel.est_financeur else ROLES


def role_de(professionnel):
    """Le rôle dont l'aide s'ouvre d'abord pour ce compte."""
    if professionnel.est_partenaire or professionnel.est_financeur:
        return PARTAGER if professionnel.est_partenaire else FINANCER
    siens = [role for fonction, role in _FONCTIONS.items() if professionnel.a_fonction(fonction)]
    return siens[0] if siens else ACCOMPAGNER
