"""Protocol, arms, randomisation, visits, dropout, relapse: from a study file to a record."""
