"""Pages printed by other programs than the renderer, to be measured on and never trained on."""
