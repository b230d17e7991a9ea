"""Le tableau de `make qualite`, imprimé et rangé entre deux marqueurs de docs/qualite.md."""

import datetime

from outils.commun import RACINE
from outils.qualite import mesures, phare

PAGE = RACINE / "docs" / "qualite.md"
DEBUT, FIN = "<!-- mesures : début -->", "<!-- mesures : fin -->"
ENTETE = (
    "| page | compte | état | axe | HTML | CSP | formes | accessibilité | bonnes pratiques | vitesse | LCP s | CLS | réaction ms "
    "| première ko | suivante ko | |"
)


def tableau(releves, garde):
    """Une ligne par page, puis les figures de la garde ; en Markdown."""
    lignes = [ENTETE, "|" + "---|" * (ENTETE.count("|") - 1)]
    lignes += [_ligne(releve) for releve in releves]
    return "\n".join([*lignes, "", "Garde non médicale :", "", "```", *garde[0], "```"])


def _ligne(releve):
    fiche, phares, poids = releve["fiche"], releve["phare"] or {}, releve["poids"]
    cases = [fiche.nom, "aucun" if fiche.compte == "-" else fiche.compte, fiche.etat]
    cases += [len(releve[genre]) for genre in ("axe", "html", "csp", "formes")]
    cases += [phares.get(rubrique, "–") for rubrique in ("accessibility", "best-practices", "performance")]
    cases += [f"{phares['lcp'] / 1000:.1f}".replace(".", ",") if "lcp" in phares else "–"]
    cases += [f"{phares['cls']:.2f}".replace(".", ",") if "cls" in phares else "–", f"{releve['reaction']:.0f}"]
    cases += [_ko(octets) for octets in poids[:2]] if poids else ["–", "–"]
    cases.append("**manquée**" if fautes([releve]) else "tenue")
    return "| " + " | ".join(str(case) for case in cases) + " |"


def _ko(octets):
    return f"{octets / 1000:.1f}".replace(".", ",")


def fautes(releves):
    """Chaque cible manquée, page par page, en phrases."""
    rendues = []
    for releve in releves:
        phrases = [*releve["axe"], *releve["html"], *releve["csp"], *releve["formes"]]
        phrases += phare.manques(releve["phare"])
        phrases += mesures.fautes_de_poids(*releve["poids"]) if releve["poids"] else []
        rendues += [f"{releve['fiche'].nom} : {phrase}" for phrase in phrases]
    return rendues


def ecrire(texte):
    """Récrit le bloc mesuré de la page, daté."""
    page = PAGE.read_text(encoding="utf-8")
    avant, reste = page.split(DEBUT, 1)
    apres = reste.split(FIN, 1)[1]
    jour = datetime.datetime.now(datetime.UTC).date()
    PAGE.write_text(f"{avant}{DEBUT}\nMesurées le {jour:%d/%m/%Y}.\n\n{texte}\n{FIN}{apres}", encoding="utf-8")
