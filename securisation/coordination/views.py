"""Inviter un partenaire, arriver par une invitation, lire ce qu'un accord partage."""
