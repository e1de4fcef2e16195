"""Small parts that any page may use: switches, sliders, choices, labels that fit."""
