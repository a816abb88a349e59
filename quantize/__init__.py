"""Reduce a picture to a few well-chosen colors."""
