"""Les preuves : une mesure par cible de `docs/securite.md`. « make test » les joue en petit, « make preuves » en grand."""
