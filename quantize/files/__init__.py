"""Everything that touches a disk. Knows no algorithm."""
