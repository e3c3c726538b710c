-- Of when the snapshot is that all this is read from: up to 15 minutes ago, where nothing was new
SELECT epoch(getvariable('published')) AS value
