"""The portal: the citizens' pages. It owns views, not facts."""
