"""La page « Documents » d'un parcours : ce qui existe, ce qui se demande, et pourquoi le reste pas encore."""
