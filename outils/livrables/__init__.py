"""Les livrables : documents et éditions, mesurés contre leurs promesses."""
