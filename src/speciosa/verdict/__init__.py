"""From a trial record and its protocol to estimates, uncertainty and a verdict."""
