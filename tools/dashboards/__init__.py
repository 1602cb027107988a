"""The app's dashboards, one file each: the build makes a Dashboard Studio view of each, and lists it in the menu."""
