# ruff: noqa: E501 (un but par ligne)
"""La page des mesures : le tableau du passage, puis chaque but, tenu ou manqué, de combien, et ce qui le gagnerait."""

import os
import platform
import statistics
import time
from dataclasses import dataclass

from outils.banc import ecran
from outils.banc.bases import BASE, DIXIEME

VIDE, LISTE, EQUIPE = "Vue vide", "Mes parcours, intervenante", "Mes parcours, superviseure"
SIMPLE = "Liste écrite simplement, intervenante"
DOSSIER, ACTE = "Un parcours", "Contact enregistré (POST)"
HISTOIRE, PROFONDE = "Historique, première page", "Historique, page profonde"
PISTE, PISTE_PROFONDE = "Piste d'audit, première page", "Piste d'audit, page profonde"
CHERCHE, CHERCHE_EQUIPE = "Recherche par nom, intervenante", "Recherche par nom, superviseure"
AUTRES_RECHERCHES = ("Recherche par nom et prénom", "Recherche par téléphone", "Recherche par numéro")
# Milieu de la limite F (ms), mesurée une fois sur un prototype nu à un million de parcours : une autre machine, à un facteur deux près.
F = {LISTE: 4.6, EQUIPE: 4.6, DOSSIER: 3.0, HISTOIRE: 3.0, PISTE: 3.0, ACTE: 5.0}
# Ce qui gagnerait un but manqué.
GAINS = {
    "gabarit": "Les gabarits prennent près de la moitié du processeur, lire le compte et ses fonctions un dixième : la page en Jinja2 "
    "diviserait la première part par trois ou quatre, un SQL préparé pour le compte la seconde.",
    "requetes": "Préparer les requêtes (liaison côté serveur) et retirer la sonde `SELECT 1` de chaque connexion gardée.",
    "acte": "Une transition relit et verrouille le parcours, lit rôles et accords, dit l'acteur : huit allers-retours à réunir en deux.",
    "croissance": "La recherche lit les noms de ses propres parcours, un par un : un nombre borné, mais à N/10 la petite table se lit d'un coup. Comparer à N=200000.",
    "pdf": "Piste : des tableaux au lieu de la grille CSS (un tiers du bilan dans un essai sur la maquette) ; pour l'attente, où deux travaux se font déjà à la fois, plus de travaux sur plus de cœurs.",
    "queue": "À remesurer sur une machine au repos d'abord ; puis `gc.freeze()` avant la création des processus (p95 ×0,55 sur un prototype).",
    "memoire": "Piste : renouveler le processus au-delà d'un plafond de mémoire, n'y charger que ce que les documents demandent.",
    "fabrique": "Autant de lots à la fois que de cœurs (deux aujourd'hui) ; profil à faire, un million n'a pas encore été fabriqué.",
}


PAGE = """# Mesures

Écrit par `make banc N={n}` le {le}, sur {coeurs} cœurs ({machine}), Python {python}.
Ne pas corriger à la main. `make banc` fabrique ses parcours dans deux bases à part, qu'il détruit ensuite : N et N/10.

## Le passage

{n} parcours, {histoire} lignes d'historique, {maillons} maillons de journal ({verifies} vérifiés sur deux cents chaînes :
{rupture}). Un gunicorn à un processus par base ; à chacun des {tours} tours, chaque page de chaque base est demandée une fois,
dans un ordre tiré au sort, avec la session d'un vrai compte et une connexion neuve. Les temps dépendent de la machine : ce sont les
**multiples de la vue vide**, mesurée dans le même passage (session, compte et intergiciels compris), qui se comparent d'une fois à l'autre.
Charge de la machine au départ : {charge} (au-delà d'un, d'autres programmes étirent les temps ; le **processeur** du site en dépend bien moins).
Processeur, SQL, blocs (tables et index, `pg_statio`) et octets sont comptés à part, sur vingt requêtes. L'intervenante a un rôle dans une centaine
de parcours à toute taille ; la superviseure voit une équipe de N/10. Le parcours mesuré a cinq axes, vingt contacts, six actions et une
histoire de deux mille événements. « Écrite simplement » : la même liste en ORM (droits par sous-requête, compte exact, instances, gabarit).

{pages}

Débit d'un processus sur le mélange : {debit} requêtes par seconde.

{documents}

Au navigateur, sur un téléphone : cache vide, processeur ralenti {ralenti} fois, 1,6 Mbit/s, médiane de {passages} visites.

{ecrans}

Mémoire (PSS, Mo) : site {web} puis {web_ensuite} ; travailleur {travail} (parent et enfant) ;
horloge {horloge} ; PostgreSQL {postgresql} ; Valkey {valkey}.

## Les buts

F est la limite : une page de prototype nue (session, SQL préparé, Jinja2) à un million de parcours, mesurée sur une autre machine ;
les buts en F sont donc indicatifs à un facteur deux près, ceux en rapports ne le sont pas.

| But | Quoi | Demandé | Mesuré | | Ce qui le gagnerait |
|---|---|---|---|---|---|
{buts}
"""


@dataclass
class Verdict:
    """Un but : ce qu'il demande, ce qu'on a mesuré, tenu ou non, et ce qui le gagnerait."""

    numero: int
    quoi: str
    but: str
    mesure: str
    tenu: bool | None
    gain: str = ""

    @property
    def ligne(self):
        """La ligne du tableau."""
        mot = {True: "tenu", False: "**manqué**", None: "non mesuré ici"}[self.tenu]
        gain = GAINS.get(self.gain, self.gain) if self.tenu is False else ""
        return f"| {self.numero} | {self.quoi} | {self.but} | {self.mesure} | {mot} | {gain} |"


def nombre(valeur, chiffres=1):
    """« 12,3 », ou « – » quand rien n'a été mesuré."""
    return "–" if valeur is None else f"{valeur:.{chiffres}f}".replace(".", ",")


def ecart(mesure, but):
    """« 12,3 ms (×1,4 du but) »."""
    return f"{nombre(mesure)} ms" + (f" (×{nombre(mesure / but, 2)} du but)" if mesure > but else "")


def tableau(resultat):
    """Chaque page : temps, multiple de la vue vide, comptes, et sa croissance de N/10 à N."""
    grand, petit = resultat["sites"][BASE], resultat["sites"][DIXIEME]
    vide = grand[VIDE].centile(0.5)
    lignes = [
        "| Page | médiane (ms) | p95 | p99 | × vue vide | processeur (ms) | SQL | blocs | octets | médiane à N/10 | croissance | blocs à N/10 |",
        "|" + "---|" * 12,
    ]
    for nom, r in grand.items():
        p, p50 = petit[nom], r.centile(0.5)
        lignes.append(
            f"| {nom} | {nombre(p50)} | {nombre(r.centile(0.95))} | {nombre(r.centile(0.99))} | {nombre(p50 / vide)} | {nombre(r.cpu)} | {r.sql} "
            f"| {r.blocs:.0f} | {r.octets} | {nombre(p.centile(0.5))} | ×{nombre(p50 / p.centile(0.5), 2)} | {p.blocs:.0f} |"
        )
    return "\n".join(lignes)


def documents(resultat):
    """Les deux PDF : temps, pages par seconde et par cœur, rapport à WeasyPrint nu."""
    lignes = [
        "| Document | pages | octets | médiane (ms) | p95 | pages/s | WeasyPrint nu (ms) | rapport | × vue vide |",
        "|" + "---|" * 9,
    ]
    vide = resultat["sites"][BASE][VIDE].centile(0.5)
    for genre, d in resultat["documents"].items():
        nous, nu = 1000 * statistics.median(d["nous"]), 1000 * statistics.median(d["nu"])
        p95 = 1000 * sorted(d["nous"])[int(0.95 * len(d["nous"]))]
        lignes.append(
            f"| {genre} | {d['pages']} | {d['octets']} | {nombre(nous)} | {nombre(p95)} | {nombre(1000 * d['pages'] / nous)} "
            f"| {nombre(nu)} | {nombre(nu / nous, 2)} | {nombre(nous / vide)} |"
        )
    return "\n".join(lignes)


def verdicts(resultat):
    """Les buts de ce qui est construit, dans l'ordre."""
    return [
        *_pages(resultat), *_croissance(resultat), *_recherche(resultat), *_pdf(resultat), *_memoire(resultat), *_queue(resultat), *_preparation(resultat), *_ecrans(resultat),
    ]  # fmt: skip


def _piste(p50):
    """La piste d'audit, première page et milieu du journal."""
    but, profondeur = 2.5 * F[PISTE], p50[PISTE_PROFONDE] / p50[PISTE]
    return [
        Verdict(
            3, "Piste d'audit", f"≤ 2,5 F ({nombre(but)} ms)", ecart(p50[PISTE], but), p50[PISTE] <= but, "gabarit"
        ),
        Verdict(3, "", "à toute profondeur ≤ 1,3 × la première page", f"×{nombre(profondeur, 2)}", profondeur <= 1.3),
    ]


def _pages(resultat):
    r = resultat["sites"][BASE]
    p50 = {nom: releve.centile(0.5) for nom, releve in r.items()}
    audit = resultat["ecritures"]["trace"] / resultat["ecritures"]["nu"]
    porte = resultat["ecritures"]["porte"] / resultat["ecritures"]["nu"]
    simple, profondeur = p50[LISTE] / p50[SIMPLE], p50[PROFONDE] / p50[HISTOIRE]
    return [
        Verdict(1, "Mes parcours", f"≤ 4 F ({nombre(4 * F[LISTE])} ms)", ecart(p50[LISTE], 4 * F[LISTE]), p50[LISTE] <= 4 * F[LISTE], "gabarit"),
        Verdict(1, "", "≤ 1/4 de la liste écrite simplement, même passage", f"×{nombre(simple, 2)}", simple <= 0.25, "gabarit"),
        Verdict(1, "", "≤ 5 SQL, index seul", f"{r[LISTE].sql} SQL ; plan tenu par un test", r[LISTE].sql <= 5),
        Verdict(2, "Un parcours", f"≤ 5 F ({nombre(5 * F[DOSSIER])} ms)", ecart(p50[DOSSIER], 5 * F[DOSSIER]), p50[DOSSIER] <= 5 * F[DOSSIER], "gabarit"),
        Verdict(2, "", "≤ 8 SQL", f"{r[DOSSIER].sql} SQL", r[DOSSIER].sql <= 8),
        Verdict(3, "Historique", f"≤ 2,5 F ({nombre(2.5 * F[HISTOIRE])} ms)", ecart(p50[HISTOIRE], 2.5 * F[HISTOIRE]), p50[HISTOIRE] <= 2.5 * F[HISTOIRE], "gabarit"),
        Verdict(3, "", "à toute profondeur ≤ 1,3 × la première page", f"×{nombre(profondeur, 2)}", profondeur <= 1.3,
                "La page profonde porte d'autres écritures (cinquante avant/après) : son SQL ne dépend pas de la profondeur, son dessin si."),
        *_piste(p50),
        Verdict(4, "Un acte, POST → 302", f"≤ 2 F ({nombre(2 * F[ACTE])} ms)", ecart(p50[ACTE], 2 * F[ACTE]), p50[ACTE] <= 2 * F[ACTE], "acte"),
        Verdict(5, "Coût de la trace", "≤ 1,4 × un enregistrement nu", f"×{nombre(audit, 2)} (×{nombre(porte, 2)} avec la porte d'écriture)", audit <= 1.4,
                "Le déclencheur compare, recopie, hache trois fois et tient la tête de chaîne : écrire `tracer_…` sans passer par `jsonb` pour chaque colonne."),
        Verdict(5, "", "100 % des écritures en masse", f"{nombre(100 * resultat['ecritures']['masse_vue'], 0)} %", resultat["ecritures"]["masse_vue"] == 1),
    ]  # fmt: skip


def _croissance(resultat):
    grand, petit = resultat["sites"][BASE], resultat["sites"][DIXIEME]
    lus = [LISTE, EQUIPE, DOSSIER, HISTOIRE, CHERCHE]
    temps = {nom: grand[nom].centile(0.5) / petit[nom].centile(0.5) for nom in lus}
    blocs = {nom: grand[nom].blocs / max(petit[nom].blocs, 1) for nom in lus}
    pire, lourd = max(temps, key=temps.get), max(blocs, key=blocs.get)
    memes = all(grand[nom].sql == petit[nom].sql for nom in lus)
    return [
        Verdict(6, "Croissance, dix fois plus de données", "≤ 1,2 × la médiane", f"×{nombre(temps[pire], 2)} au pire ({pire.lower()})", temps[pire] <= 1.2, "croissance"),
        Verdict(6, "", "≤ 1,3 × les blocs", f"×{nombre(blocs[lourd], 2)} au pire ({lourd.lower()})", blocs[lourd] <= 1.3, "croissance"),
        Verdict(6, "", "autant de SQL", "oui" if memes else "non", memes, "croissance"),
    ]  # fmt: skip


def _recherche(resultat):
    """Le but est donné à un million de personnes ; à moins, c'est un plancher."""
    grand, gain = resultat["sites"][BASE], "À remesurer sur une machine au repos, à N=1000000."
    p95 = {nom: grand[nom].centile(0.95) for nom in (CHERCHE, CHERCHE_EQUIPE, *AUTRES_RECHERCHES)}
    pire = max((CHERCHE_EQUIPE, *AUTRES_RECHERCHES), key=p95.get)
    return [
        Verdict(7, "Recherche", "p95 ≤ 60 ms, par une équipe entière", f"{nombre(p95[pire])} ms au pire ({pire.lower()})", p95[pire] <= 60, gain),
        Verdict(7, "", "p95 ≤ 30 ms, dans les siens", f"{nombre(p95[CHERCHE])} ms", p95[CHERCHE] <= 30, gain),
    ]  # fmt: skip


def _pdf(resultat):
    rendus = resultat["documents"].values()
    rapport = min(statistics.median(d["nu"]) / statistics.median(d["nous"]) for d in rendus)
    bilan = resultat["documents"]["bilan"]
    debit = bilan["pages"] / statistics.median(bilan["nous"])
    attente = sorted(resultat["memoire"]["attente"])
    p95 = attente[int(0.95 * len(attente))] if attente else None
    travail = resultat["memoire"]["travail_seul"]
    return [
        Verdict(9, "PDF", "≥ 0,9 de WeasyPrint nu sur le même HTML", f"×{nombre(rapport, 2)}", rapport >= 0.9, "pdf"),
        Verdict(9, "", "bilan ≥ 10 pages/s par cœur", f"{nombre(debit)} pages/s", debit >= 10, "pdf"),
        Verdict(9, "", "demandé → prêt, p95 ≤ 2 s à deux par seconde", f"{nombre(p95, 2)} s ({len(attente)} documents)", p95 is not None and p95 <= 2, "pdf"),
        Verdict(9, "", "travailleur ≤ 130 Mo", f"{nombre(travail)} Mo", None if travail is None else travail <= 130, "memoire"),
    ]  # fmt: skip


def _memoire(resultat):
    m = resultat["memoire"]
    plus = None if m["web"] is None else m["web_ensuite"] / m["web"] - 1
    parts = [m["maitre"], m["web_ensuite"], m["web_ensuite"], m["travail"], m["horloge"], m["postgresql"], m["valkey"]]
    pile = None if None in parts else sum(parts)
    return [
        Verdict(10, "Mémoire", "site ≤ 90 Mo après 1 000 requêtes mêlées", f"{nombre(m['web'])} Mo", None if m["web"] is None else m["web"] <= 90, "memoire"),
        Verdict(10, "", "+ 5 % au plus ensuite", f"{nombre(None if plus is None else 100 * plus)} % après {resultat['ensuite']} de plus", None if plus is None else plus <= 0.05, "memoire"),
        Verdict(10, "", "pile d'une association ≤ 1 Go", f"{nombre(pile, 0)} Mo (deux processus web)", None if pile is None else pile <= 1024, "memoire"),
    ]  # fmt: skip


def _queue(resultat):
    r = {nom: releve for nom, releve in resultat["sites"][BASE].items() if not nom.startswith(("Vue", "Liste"))}
    p95 = {nom: releve.centile(0.95) / releve.centile(0.5) for nom, releve in r.items()}
    p99 = {nom: releve.centile(0.99) / releve.centile(0.5) for nom, releve in r.items()}
    loin, tres_loin = max(p95, key=p95.get), max(p99, key=p99.get)
    return [
        Verdict(11, "Queue", "p95 ≤ 2 × la médiane", f"×{nombre(p95[loin], 2)} au pire ({loin.lower()})", p95[loin] <= 2, "queue"),
        Verdict(11, "", "p99 ≤ 3 × la médiane", f"×{nombre(p99[tres_loin], 2)} au pire ({tres_loin.lower()})", p99[tres_loin] <= 3, "queue"),
    ]  # fmt: skip


def _preparation(resultat):
    secondes = resultat["fabrique"][BASE][2]
    million = secondes * 1_000_000 / resultat["n"]
    dit = f"{nombre(secondes, 0)} s pour {resultat['n']}" + (
        "" if resultat["n"] >= 1_000_000 else f", soit {nombre(million / 60)} min le million à ce rythme"
    )
    return [
        Verdict(13, "Préparation", "`migrate` ≤ 5 s", f"{nombre(resultat['migration'])} s", resultat["migration"] <= 5,
                "Profil à faire sur une machine au repos : le temps est celui de Django (état des modèles), non de la base."),
        Verdict(13, "", "un million de parcours et leur histoire en ≤ 6 min", dit, million <= 360, "fabrique"),
        Verdict(13, "", "première page de `make demo` ≤ 45 s d'une copie nue, ≤ 25 s ensuite", "se mesure hors du banc, sur une copie nue", None),
    ]  # fmt: skip


def _ecrans(resultat):
    gain = "Réunir les feuilles de style en une seule, et ne livrer de Bootstrap que ce qui sert."
    quoi = ["Écran ralenti (processeur ÷ 4, 1,6 Mbit/s)", "", "", "", ""]
    return [
        Verdict(14, mot, but, mesure, tenu, gain)
        for mot, (but, mesure, tenu) in zip(quoi, ecran.mesures_des_buts(resultat), strict=True)
    ]


def ecrire(resultat):
    """La page entière, en Markdown."""
    histoire, maillons, _ = resultat["fabrique"][BASE]
    verifies, rupture = resultat["journal"]
    memoire = {
        nom: nombre(valeur, 0 if nom == "debit" else 1)
        for nom, valeur in resultat["memoire"].items()
        if nom != "attente"
    }
    return PAGE.format(
        n=resultat["n"],
        le=time.strftime("%d/%m/%Y"),
        coeurs=os.cpu_count(),
        machine=platform.machine(),
        python=platform.python_version(),
        histoire=histoire,
        maillons=maillons,
        verifies=verifies,
        rupture=rupture or "aucune rupture",
        tours=resultat["tours"],
        charge=nombre(resultat["charge"]),
        pages=tableau(resultat),
        documents=documents(resultat),
        ralenti=ecran.RALENTI,
        passages=ecran.PASSAGES,
        ecrans=ecran.ecrans(resultat),
        buts="\n".join(verdict.ligne for verdict in verdicts(resultat)),
        **memoire,
    )
