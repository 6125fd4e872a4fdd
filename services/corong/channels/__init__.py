"""One folder for each kind of channel: a source that hands over what citizens wrote, a sink that delivers."""
