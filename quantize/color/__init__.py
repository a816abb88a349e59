"""Colors: arrays in, arrays out. Knows no picture file and prints nothing."""
