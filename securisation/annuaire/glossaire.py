"""Le glossaire : les mots du métier, dits une seule fois, et les pages au pied desquelles ils s'expliquent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mot:
    """Un mot du métier et ce qu'il veut dire, en une phrase ou deux."""

    cle: str
    nom: str
    sens: str


_SENS = {
    "parcours": "Le dossier d’une personne, de son orientation à sa sortie. Il a un numéro, et un seul référent à la fois.",
    "referent": "Le professionnel qui est l’interlocuteur stable de la personne. Un parcours en a toujours un.",
    "phase": "Un des trois temps du parcours : diagnostic, intervention, sortie. Chacune finit par un écrit.",
    "accord": "Ce que la personne a dit oui ou non, avec la date et la façon. Elle peut le retirer : l’effet est immédiat.",
    "adhesion": "L’accord pour entrer dans le dispositif. Sans lui rien ne commence ; s’il est retiré, le parcours s’interrompt.",
    "partage": "L’accord qui ouvre à un partenaire nommé certains axes, jusqu’à une date. Rien d’autre ne lui est montré.",
    "sensible": "Un axe ou un facteur qui touche à la vie privée ou révèle une santé. Il demande son propre accord pour être écrit.",
    "axe": "Un des cinq domaines regardés : administratif, budget, logement, quotidien, travail.",
    "facteur": "Ce qui peut rompre la situation. On écrit l’état d’un droit ou d’un fait, jamais une cause médicale.",
    "criticite": "Le niveau d’un axe : 0 sécurisé, 1 à surveiller, 2 fragile, 3 critique, 4 rupture. La personne dit le sien, à côté.",
    "domino": "Un facteur qui peut en entraîner un autre. Jalon propose les enchaînements connus, vous retenez ceux qui valent ici.",
    "levier": "Un dispositif de droit commun qu’on peut solliciter : une aide, un service, un recours.",
    "action": "Un levier mobilisé pour un facteur : qui, comment, et quelle réponse est attendue pour quand. On dit aussi démarche.",
    "silence": "Une démarche restée sans réponse. La loi lui donne parfois un effet, accord ou refus, au bout d’un délai.",
    "non_substitution": "Ne pas faire à la place du droit commun : cinq questions le vérifient à chaque action.",
    "bornage": "La boîte de temps de l’intervention : un début, une durée, une fin calculée par Jalon.",
    "terme": "Le dernier jour de l’intervention. Passé ce jour elle est échue : on ne commence plus d’action, on prépare la sortie.",
    "suspension": "Un arrêt daté et motivé. Le terme recule d’autant.",
    "prolongation": "Des jours de plus, motivés et plafonnés. La personne qui répond de l’équipe l’approuve, jamais celle qui la demande.",
    "relais": "Qui prend la suite après nous : nommé, et confirmé par lui.",
    "risque_residuel": "Ce qui reste fragile à la sortie. Il a un relais confirmé, ou il est assumé avec son motif et un signe d’alerte.",
    "bilan": "L’écrit de la sortie : où en était la personne, ce qui a été essayé, où elle en est, ses mots.",
    "fige": "Un parcours clos ne se modifie plus. Une correction s’ajoute, datée et motivée, sans rien effacer.",
    "journal": "Qui a fait et qui a vu, ligne par ligne. Personne ne peut le réécrire.",
    "historique": "Ce qui a changé dans un dossier : avant, après, qui, quand.",
    "restreint": "Un parcours que seuls voient ceux qui y ont un rôle. Le responsable d’équipe n’y entre plus de lui-même.",
    "ouverture_motivee": "L’entrée du délégué dans un dossier, pour un motif écrit et un temps court. Le référent la lit au journal.",
    "conservation": "Deux ans après le dernier contact venu de la personne, le dossier est effacé, ou archivé pour un motif écrit.",
    "effacement": "Le retrait définitif d’un dossier, décidé à deux. Un certificat dit ce qui a été retiré, sans dire ce que c’était.",
    "contact": "Un échange avec la personne. Seul un contact venu d’elle compte pour la durée de conservation.",
    "obligation_de_moyens": "On promet d’essayer, pas de réussir : chaque démarche, sa date, sa réponse ou son silence font preuve.",
}
_NOMS = {
    "referent": "référent",
    "adhesion": "adhésion",
    "sensible": "donnée sensible",
    "criticite": "criticité",
    "non_substitution": "non-substitution",
    "risque_residuel": "risque résiduel",
    "fige": "figé",
    "ouverture_motivee": "ouverture motivée",
    "obligation_de_moyens": "obligation de moyens",
}
GLOSSAIRE = {cle: Mot(cle, _NOMS.get(cle, cle), sens) for cle, sens in _SENS.items()}

# Les mots qu'une page emploie, expliqués à son pied ; une page absente n'en a pas besoin.
PAGES = {
    "synthese:mes_parcours": "parcours phase criticite terme",
    "synthese:parcours": "phase criticite domino accord relais fige",
    "synthese:historique": "historique journal",
    "synthese:piste": "journal restreint ouverture_motivee",
    "parcours:ouvrir": "parcours referent obligation_de_moyens",
    "parcours:qualifier": "levier facteur obligation_de_moyens",
    "parcours:accords": "accord adhesion partage sensible",
    "parcours:recueillir_accord": "accord adhesion partage sensible",
    "parcours:retirer_accord": "accord adhesion partage",
    "parcours:roles": "referent restreint",
    "parcours:ouvertures": "ouverture_motivee journal",
    "parcours:conservation": "conservation contact effacement",
    "parcours:effacements": "effacement journal",
    "diagnostics:detail": "axe facteur criticite domino",
    "diagnostics:axe": "facteur criticite sensible",
    "diagnostics:suites": "domino facteur",
    "diagnostics:relire": "criticite facteur domino",
    "interventions:demarrer": "bornage terme",
    "interventions:detail": "action levier silence bornage terme suspension prolongation",
    "interventions:choisir_facteur": "facteur action",
    "interventions:inscrire_action": "levier facteur non_substitution relais silence",
    "interventions:modifier_action": "levier facteur non_substitution relais silence",
    "interventions:action": "action levier silence relais non_substitution",
    "interventions:noter_issue": "silence",
    "interventions:noter_contact": "contact conservation",
    "interventions:suspendre": "suspension terme",
    "interventions:prolonger": "prolongation terme",
    "sorties:detail": "relais risque_residuel bilan fige",
    "sorties:risques": "risque_residuel relais",
    "sorties:risque": "risque_residuel relais",
    "sorties:relire": "bilan risque_residuel relais",
    "coordination:partages": "accord partage parcours",
    "coordination:partage": "partage axe criticite",
    "annuaire:referentiel": "levier facteur axe",
}


def mots(cles):
    """Les mots de ces clés, dans leur ordre ; une clé inconnue lève KeyError."""
    return [GLOSSAIRE[cle] for cle in cles.split()]


def mots_de(page):
    """Les mots que cette page explique à son pied."""
    return mots(PAGES.get(page, ""))


def alphabetique():
    """Tout le glossaire, par ordre alphabétique sans accents."""
    return sorted(GLOSSAIRE.values(), key=lambda mot: mot.cle)
