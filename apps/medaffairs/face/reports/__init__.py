"""Reports in the face: what a report is, and sending it by mail at fixed times."""
