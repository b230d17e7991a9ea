"""Les actions collectives d'une équipe : les lire, en noter une, la corriger, la retirer, les exporter."""
