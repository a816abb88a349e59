"""What people look at: reads results, changes none."""
