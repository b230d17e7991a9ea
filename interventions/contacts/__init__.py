"""Noter un contact : le canal, qui en a eu l’initiative, quelques mots, et ce qui suit."""
