"""Un contact à noter, de partout : choisir d’abord avec qui."""
