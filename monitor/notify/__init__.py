"""Ways to tell people: mail, and the services that Apprise knows."""
