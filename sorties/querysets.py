"""Ce qu'on lit des sorties : une page lit l'objet, son parcours et son intervention d'une seule requête."""

from securisation.socle.trace import TraceQuerySet

DOSSIER = ("parcours__personne", "parcours__intervention__diagnostic")


class SortieQuerySet(TraceQuerySet):
    def visibles_pour(self, professionnel):
        """Les sorties visibles, chacune avec son parcours, l'entrée et son motif."""
        return (
            super()
            .visibles_pour(professionnel)
            .select_related(*DOSSIER, f"{DOSSIER[1]}__valide_par", "motif", "validee_par")
        )


class PieceQuerySet(TraceQuerySet):
    """Une pièce d'une sortie : cote ou risque. `liees` : ce que sa page dit d'elle."""

    liees = ()

    def visibles_pour(self, professionnel):
        """Les pièces visibles, chacune avec sa sortie et son parcours."""
        sortie = ["sortie", *(f"sortie__{chemin}" for chemin in DOSSIER)]
        return super().visibles_pour(professionnel).select_related(*sortie, *self.liees)


class CotationQuerySet(PieceQuerySet):
    liees = ("axe",)


class RisqueQuerySet(PieceQuerySet):
    liees = ("risque", "facteur__axe", "action__facteur", "action__levier")
