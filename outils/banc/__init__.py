"""`make banc` : fabrique un grand nombre de parcours dans une base à part, mesure les pages, écrit docs/mesures.md."""
